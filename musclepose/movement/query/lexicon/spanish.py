"""Spanish."""

SMALL = """
el la los las un una mi mis yo me se que cual cuales cuanto cuanta cuantos cuantas como cuando donde es era fue fui hice he hay
de del en con y o al por para lo su muy mas menos no si esta este estoy tengo debo puedo hago algo
"""

WORDS = {
    "knee": "rodilla|rodillas", "hip": "cadera|caderas|pelvis", "ankle": "tobillo|tobillos", "elbow": "codo|codos", "shoulder": "hombro|hombros", "arm": "brazo|brazos", "wrist": "muneca|munecas|mano|manos",
    "trunk": "tronco|torso|pecho", "back": "espalda|espalda baja|lumbar|zona lumbar", "neck": "cuello|cabeza", "foot": "pie|pies", "leg": "pierna|piernas|muslo|muslos", "left": "izquierda|izquierdo|izq", "right": "derecha|derecho|der",
    "both": "ambos|ambas|los dos lados|izquierda y derecha|izquierda o derecha", "uneven": "asimetria|asimetrico|simetrico|simetrica|equilibrado|desigual|igual|iguales|parejo", "whichside": "que lado|que pierna|que brazo|cual pierna|que rodilla",
    "rep": "rep|reps|repeticion|repeticiones|repes", "first": "primera|primer|primero|principio", "second": "segunda", "third": "tercera|tercer", "fourth": "cuarta", "fifth": "quinta", "last": "ultima|ultimo|final",
    "each": "cada|por repeticion|todas las repeticiones", "whichrep": "que repeticion|cual repeticion|en que repeticion|cual fue mi", "compare": "compara|comparar|comparacion|diferencia|contra", "than": "que la", "best": "mejor", "worst": "peor",
    "max": "maximo|maxima|maximos|pico|mayor|mas alta|mas alto|mas grande", "min": "minimo|minima|menor", "mean": "promedio|media|medio|en promedio", "range": "rango|recorrido|amplitud", "when": "cuando|en que momento|momento exacto",
    "howmuch": "cuanto|cuanta|que angulo|cuantos grados|hasta donde|que tan|como de|que velocidad|que altura", "bend": "flexion|doblo|dobla|doblar|doble|doblada|doblaron|flexiono|flexionar|angulo|flexione", "torque": "torque|par|momento articular|momento de fuerza|torsion",
    "perkg": "por kg|por kilo|por kilogramo", "effort": "esfuerzo|color|rojo|naranja|amarillo|porcentaje de fuerza", "force": "fuerza|fuerzas|fuerza del suelo|fuerza en el suelo|reaccion del suelo|impacto|fuerza contra el suelo",
    "newton": "newton|newtons|newtones", "inkg": "en kg|en kilos", "bodyweight": "peso corporal|pesos corporales", "depth": "profundo|profunda|profundidad|bajo|abajo|baje|bajar suficiente", "level": "paralelo|paralela|horizontal", "deepest": "mas profunda|mas profundo|mas baja|mas bajo",
    "shallow": "menos profunda|menos profundo", "lean": "inclinacion|incline|inclino|inclinado|inclinada|hacia adelante|adelante", "sidelean": "de lado|hacia un lado", "inward": "hacia adentro|hacia dentro|adentro|valgo|meten|se meten|juntan",
    "tempo": "tempo|ritmo", "time": "tiempo|duracion|duro|segundos|tardo|tarde|dura|tardan", "slow": "lento|lenta|mas lenta|mas lento|mas larga|lentamente", "fast": "rapido|rapida|mas rapida|velozmente", "lower": "bajada|bajar|excentrica|excentrico|descenso|bajando",
    "lift": "subida|subir|concentrica|concentrico|ascenso|subiendo|levantar", "pause": "pausa|parada", "heldfor": "aguante|aguantar|mantuve|sostuve|duracion del video", "speed": "velocidad|velocidad al caminar", "stance": "separacion|anchura|ancho|separados|separacion de los pies",
    "split": "largo del paso|longitud del paso|zancada larga", "jumpheight": "salte|altura del salto|altura de salto", "count": "cuantas|cuantos|numero de|numero", "partial": "incompletas|incompleta|parciales", "steps": "pasos|paso", "cadence": "cadencia|pasos por minuto",
    "exercise": "que ejercicio|que movimiento|que hice", "weight": "peso|carga|barra|mancuerna", "trend": "fatiga|cansado|cansada|canse|cansancio|a lo largo de la serie|durante la serie|constante|tendencia|empeore", "sure": "seguro|segura|fiable|preciso|precision|confianza|exacto|error|calidad|fiabilidad",
    "assume": "asumiste|supusiste|supuesto|supuestos|suposicion|asumido|supuso", "formula": "formula|calculaste|calculo|calculado|calculas", "define": "significa|definicion|explica|que es|que quiere decir|explicame|que son", "film": "grabar|filmar|grabo|camara|grabacion|video", "howto": "como|mejor",
    "addweight": "mas peso|anadir peso|agregar peso|subir el peso|subir peso|aumentar|aumentar el peso|mas carga|meter mas", "improve": "mejorar|corregir|consejo|consejos|cambiar|primero|trabajar|practicar|prioridad|arreglar", "fault": "error|errores|mal|fallo|fallos|problema|tecnica|correcto|bien|correctamente|forma|equivocado",
    "why": "por que|razon", "pain": "dolor|duele|duelen|lesion|lesionado|me duele|molestia", "harder": "mas fuerte|mas debil|mas fuerza|mas carga|trabaja mas|empuja mas|carga mas|soporta mas", "danger": "peligroso|peligro|riesgo", "roundback": "redonda|encorvo|espalda redonda|redondeo|espalda recta|encorvada|encorvo|curvada|redondea|redondeada",
    "heel": "talon|talones", "barpath": "trayectoria|trayectoria de la barra", "calories": "calorias|caloria|energia|queme", "muscle": "musculo|musculos|gluteos|cuadriceps", "breath": "respiracion|respirar|respire", "grip": "agarre", "heart": "pulso|cardiaca", "landing": "aterrizaje|aterrizar|caida|aterrice", "lockout": "bloqueo|bloquear|extension completa|estiro del todo|extendi",
    "swing": "balanceo|impulso|trampa|balanceando|balanceo el cuerpo", "sag": "hunde|hunden|cae|hundida|hundio", "straight": "cuerpo recto|alineado|linea del cuerpo", "hardest": "trabaja mas|mas trabajo|trabajo mas|mas exigida", "who": "quien eres|que puedes hacer", "thanks": "gracias|hola", "squats": "sentadillas|sentadilla",
}  # fmt: skip
