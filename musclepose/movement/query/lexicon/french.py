"""French."""

SMALL = """
je j ai le la les un une mon ma mes des du de d l est suis etait ete que quel quelle quels quelles quand dans sur avec et ou
en au aux se ce c il elle me m combien comment pourquoi faut vous tu pas plus trop bien fait a cette ces mieux dois doit
"""

WORDS = {
    "knee": "genou|genoux", "hip": "hanche|hanches|bassin", "ankle": "cheville|chevilles", "elbow": "coude|coudes", "shoulder": "epaule|epaules", "arm": "bras",
    "wrist": "poignet|poignets|main|mains", "trunk": "tronc|buste|torse|poitrine", "back": "dos|bas du dos|lombaire|lombaires", "neck": "cou|tete", "foot": "pied|pieds",
    "leg": "jambe|jambes|cuisse|cuisses", "left": "gauche", "right": "droit|droite", "both": "deux cotes|gauche et droite|gauche ou droite|les deux",
    "uneven": "asymetrie|asymetrique|symetrique|equilibre|equilibree|pareil|egal|egaux|meme des deux cotes", "whichside": "quel cote|quelle jambe|quel bras|quel genou",
    "rep": "rep|reps|repetition|repetitions|repet", "first": "premiere|premier|debut", "second": "deuxieme|seconde", "third": "troisieme", "fourth": "quatrieme", "fifth": "cinquieme",
    "last": "derniere|dernier|fin", "each": "chaque|par repetition|toutes les repetitions", "whichrep": "quelle repetition|quelle rep|laquelle", "compare": "compare|comparer|comparaison|difference|contre",
    "than": "que la", "best": "meilleure|meilleur", "worst": "pire", "max": "maximum|maximal|maximale|max|le plus|la plus|pic|plus grand|plus grande|plus fort|plus forte",
    "min": "minimum|minimal|minimale|le moins|la moins|plus petit", "mean": "moyenne|moyen|en moyenne", "range": "amplitude|plage", "when": "quand|a quel moment|moment exact|instant",
    "howmuch": "combien|de combien|quel angle|jusqu ou|quelle profondeur|a quelle vitesse|a quelle hauteur", "bend": "flexion|plie|plies|pliee|plier|flechi|flechie|flechir|angle|flechis",
    "torque": "couple|couples|moment articulaire", "perkg": "par kg|par kilo|par kilogramme", "effort": "effort|efforts|couleur|rouge|orange|jaune|part de la force",
    "force": "force|forces|force au sol|reaction du sol|force de reaction|impact", "newton": "newton|newtons", "inkg": "en kg|en kilos", "bodyweight": "poids du corps|poids de corps|poids corporel",
    "depth": "profond|profonde|profondeur|bas|assez bas|descendu", "level": "parallele|horizontal|horizontale|horizontales", "deepest": "plus profonde|plus profond|plus bas|plus basse", "shallow": "moins profonde|moins profond",
    "lean": "penche|penchee|pencher|inclinaison|incline|en avant|vers l avant", "sidelean": "sur le cote", "inward": "vers l interieur|rentrent|rentre|valgus|interieur|vers l'interieur",
    "tempo": "tempo|rythme|cadence de mes repetitions", "time": "temps|duree|dure|secondes|longtemps", "slow": "lent|lente|lentement|plus lente|plus lent|plus longue|ralenti", "fast": "vite|rapide|rapidement|plus rapide",
    "lower": "descente|descendre|descends|excentrique|baisser", "lift": "montee|remontee|remonter|monter|concentrique", "pause": "pause|arret en bas|en bas", "heldfor": "tenu|tenir|duree du clip|duree de la video",
    "speed": "vitesse|vitesse de marche", "stance": "ecart|ecartement|largeur|ecart des pieds", "split": "longueur de pas|longueur du pas", "jumpheight": "hauteur de saut|hauteur du saut|saute|saut en hauteur",
    "count": "combien de|nombre de|nombre", "partial": "incomplete|incompletes|pas comptee", "steps": "pas|nombre de pas", "cadence": "cadence|pas par minute", "exercise": "quel exercice|quel mouvement|qu ai je fait",
    "weight": "charge|poids|barre|haltere", "trend": "fatigue|fatiguee|au fil de la serie|sur la serie|evolution|ralenti|constant|regulier|reguliere|pendant la serie", "sure": "sur|sure|fiable|precis|precision|confiance|certitude|certain|erreur|qualite|exact",
    "assume": "suppose|supposes|hypothese|hypotheses|supposition", "formula": "formule|calcule|calcul|calcules", "define": "signifie|veut dire|definition|explique|c est quoi|qu est ce que|que veut dire|explique moi",
    "film": "filmer|filme|camera|enregistrer|video", "howto": "comment|mieux", "addweight": "ajouter du poids|plus lourd|augmenter la charge|augmenter|charger plus|plus de poids|mettre plus",
    "improve": "ameliorer|corriger|conseil|conseils|travailler|changer|en premier|priorite|progresser|exercice conseille", "fault": "erreur|erreurs|faute|fautes|faux|probleme|technique|correct|correctement|bien fait|mauvais|propre",
    "why": "pourquoi|raison", "pain": "douleur|douleurs|mal|fait mal|blesse|blessure|douloureux|mal au", "harder": "plus de charge|plus forte|plus faible|travaille plus|pousse plus|porte plus|force le plus|plus de force|travaille le plus",
    "danger": "dangereux|danger|risque|risques", "roundback": "rond|ronde|courbe|voute|dos rond|arrondi|dos droit|arrondit|dos plat", "heel": "talon|talons", "barpath": "trajectoire|trajectoire de la barre", "calories": "calories|calorie|energie|brule",
    "muscle": "muscle|muscles|fessiers|quadriceps", "breath": "respiration|respirer|respire", "grip": "prise", "heart": "cardiaque|pouls", "landing": "atterrissage|reception|atterri|receptions", "lockout": "verrouille|verrouillage|tendus|bras tendus|extension complete|tendre",
    "swing": "elan|balance|triche", "sag": "creuse|affaisse|tombent|s affaisse", "straight": "corps droit|aligne|gaine|ligne du corps", "hardest": "travaille le plus|le plus dur|le plus sollicite|plus sollicitee", "who": "qui es tu|que peux tu", "thanks": "merci|bonjour|salut",
    "squats": "squats|squat",
}  # fmt: skip
