"""The texts of the zoo: a small corpus to train vocabularies on, and the texts whose vectors are the truth.

All of it was written for this folder.
"""

CORPUS = """
The river was cold and quiet in the early morning, and nobody had crossed the bridge yet.
A small dog ran after the red ball while two children laughed behind the old wooden fence.
She opened the window, looked at the grey sky and decided to take an umbrella with her.
Scientists measured the temperature of the ocean at forty different places during the summer.
The train to the northern coast leaves at seven o'clock and arrives shortly before midnight.
He bought bread, butter, three apples and a bottle of milk at the corner shop.
Search engines compare the meaning of a question with the meaning of every document they know.
An embedding is a vector of numbers; similar sentences have vectors that point in similar directions.
My grandmother baked a chocolate cake for the birthday of her youngest neighbour.
The committee will publish its final report about energy prices next Wednesday.
Heavy rain damaged several roads, and the mountain village could not be reached for two days.
Musicians tuned their violins before the concert began in the crowded hall.
If the password is wrong three times, the account is locked for fifteen minutes.
A computer program reads the file, checks every line and prints the first error it finds.
Doctors recommend drinking enough water, sleeping well and walking every day.
The museum shows paintings, sculptures and letters from the nineteenth century.
Farmers in the valley grow wheat, potatoes, grapes and a little tobacco.
Our team won the final match by two goals to one after extra time.
The teacher explained how plants turn sunlight, water and air into sugar.
Please return the borrowed books to the library before the end of the month.
Engineers tested the new engine at high speed and under very low pressure.
Birds fly south in autumn because food becomes rare when the ground freezes.
The price of the ticket includes breakfast, dinner and a guided tour through the castle.
A strong wind blew the letters from the table and scattered them across the garden.
The judge listened to both witnesses and asked the lawyer to explain the contract.
Stars look small because they are unimaginably far away from our planet.
Customers complained about late deliveries, broken packages and missing invoices.
The recipe needs flour, eggs, salt, olive oil and a spoon of honey.
Every winter the lake freezes and people skate from one shore to the other.
The minister answered questions about schools, hospitals, taxes and public transport.
Volunteers planted four hundred young trees along the highway last spring.
His handwriting was so difficult to read that the pharmacist had to call him.
The software update fixes a security problem in the network driver.
Wolves live in families, hunt together and raise their young in caves.
She wrote her first novel on a typewriter that had belonged to her father.
The elevator is out of order, so please use the stairs on the left side.
Modern telephones contain a camera, a compass, a microphone and a powerful processor.
The bakery on the market square sells fresh rolls from six in the morning.
Archaeologists discovered coins, tools and the walls of a Roman bath beneath the street.
The patient felt better after taking the medicine for one week.
A good dictionary gives the meaning, the history and the pronunciation of each word.
The spacecraft sent pictures of the surface back to Earth for eleven years.
Investors sold their shares when the bank announced an unexpected loss.
Bees carry pollen from flower to flower and turn nectar into honey.
The bicycle is cheaper, quieter and often faster than a car in the city.
After the earthquake, rescue workers searched the ruins with dogs and cameras.
The old clock in the tower strikes every quarter of an hour.
Two plus two is four, and seven times eight is fifty-six.
Normalization divides each vector by its length so that the length becomes one.
The tokenizer splits words into pieces, adds special tokens and cuts what is too long.
Pooling takes the mean of all token vectors, or the first one, or the last one, or the maximum.
Please call 555-0199 or write to help@example.org, room 42, 3rd floor.
The temperature fell from 21.5 to -3 degrees between 2019 and 2020.
Version 1.2.3 was released on 2024-05-17 at 10:30; it costs $19.99 (about 18 euros).
Le café est fermé le dimanche, mais le marché est ouvert jusqu'à midi.
L'élève a oublié son cahier à l'école et sa mère n'était pas contente.
Der Zug fährt um acht Uhr über München nach Zürich, und die Straße ist gesperrt.
Die Bücher liegen auf dem Tisch neben der großen Lampe im Wohnzimmer.
El niño compró una manzana en el mercado y volvió corriendo a su casa.
La ciudad tiene un río, dos puentes y muchas calles pequeñas.
Il treno per Roma parte alle nove, perché quello delle otto è in ritardo.
O avião chegou atrasado por causa da chuva forte no aeroporto.
Книга лежит на столе, а кошка спит под окном.
Москва большой город на реке.
我喜欢在早上喝茶和看书。 今天天气很好。
東京は日本の首都です。 猫が好きです。
나는 학교에 간다. 오늘은 날씨가 좋다.
def mean(values): return sum(values) / len(values)
for i in range(10): print(i, i * i)
What time is it? Where is the station? Who wrote this letter? Why not? How much is it?
I don't know; we can't wait, they won't come, she's late and it's raining. You're right, I'll go!
""".strip().split("\n")

#: What every text model of the zoo is asked. Lengths are mixed on purpose, and the order too: a batch has to be padded.
TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "A cat sleeps under the window.",
    "",
    "Embeddings turn sentences into vectors of numbers, and similar sentences get similar vectors.",
    "a",
    "Le café de l'élève coûte 3,50 euros à Zürich.",
    "What is the price of a ticket to the northern coast in 2024?",
    'HELLO, World!!! (this is [not] {code}); #42 @home 100% <tag> "quoted"',
    "The river was cold. " * 30,
    "我喜欢在早上喝茶。東京は日本の首都です。",
    "Great concert last night \U0001f600\U0001f3bb \U0001f469\u200d\U0001f4bb!",
    "   leading and trailing\tspaces \n and a line break   ",
    "1 2 3 10 100 1000 3.14159 -273.15 1e-9 0x1F 2024-05-17T10:30:00Z",
    "Москва большой город; 나는 학교에 간다.",
    "Pneumonoultramicroscopicsilicovolcanoconiosis and antidisestablishmentarianism",
    "I don't know where she's gone, but we'll find out, won't we?",
]
