"""Questions about a clip as records, and their answers as figures with formula and moment. No language model.

`words` brings a question of seven languages to one vocabulary, `grammar` makes a `Query` of it, `look_up` the figures.
"""
