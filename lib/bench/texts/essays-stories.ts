import type { Essay } from './essays.js';

/** Stories, letters and descriptions. */
export const stories: readonly Essay[] = [
	{
		ask: 'a short story that begins with a lost key',
		text: `The key lay on the pavement as if someone had put it there on purpose, teeth towards the sea. Milo picked it up because it was warm. For a week he tried it on everything that had a lock: the shed, his aunt's piano, a bicycle chained to nothing. On the eighth day he stopped at the pharmacy, where a drawer behind the counter had been shut since before the war, and the pharmacist, who was tired of the joke, let him try. It turned. Inside lay a second key, a receipt for two lemons and a note in pencil: "Sorry about the wait. The other one is for the garden." Neither of them had known that there was a garden. They closed the shop at noon, a thing that had never happened, and went looking for a wall.`,
	},
	{
		ask: 'a letter to a friend who has moved abroad',
		text: `Dear Ana, your room has become a place for umbrellas. I noticed it yesterday, when I opened the door to water the fern and seven of them fell towards me; nobody in this house admits to owning more than one. Otherwise little changes. The man upstairs still practises the same bar of Schubert, though he now gets to the end of it about half the time, and we have started to miss the mistake. Tell me how the bread is. You wrote about offices and weather, which is what people write when they are not sure yet whether they will stay. I ask for bread, for the smell on the stairs, and for one person whose name you have learnt without meaning to. In return I can offer an account of the elections to the parents' council, which were won by a dog. Yours, T.`,
	},
	{
		ask: 'a description of a railway station early in the morning',
		text: `At twenty to five the hall belongs to pigeons and to a woman with a machine that hums. She steers it in long loops around the pillars, and the wet tracks shine for half a minute before they fade. Then shutters rattle. Coffee arrives as a smell first and as a queue of nurses afterwards, coats over blue trousers, none of them speaking. The board clicks through its letters, invents a city for a second and corrects itself. A boy sleeps on a cello case. Two conductors compare shoes. When the first train comes in, it brings cold air from another valley, and everything that had been separate, the hum, the cups, the cello, falls into a rhythm which will hold until midnight without anyone ever being able to say who started it.`,
	},
	{
		ask: 'a monologue of an old elevator',
		text: `They think that I go up and down. I have never gone anywhere. I stay in one place, a box of brass and walnut, and it is the floors that come to me, one after another, like relatives at a funeral. The third is loud. The fifth smells of soup. On the seventh there was once a woman who cried between the doors every Thursday and got out with a perfectly dry face, and I have slowed down a little at that height ever since; the engineers replaced two relays over it and found nothing. Children jump in me to see whether I notice. I do. I notice weight, and what people call silence is only weight that is trying not to move. They want to put in a mirror. I would advise against it, but nobody asks the person who carries them.`,
	},
	{
		ask: 'a scene in which two strangers share a table',
		text: `"Is anybody sitting here?" "Only my brother's coat." She moved it. He sat down with a tray on which there was nothing but mustard. For a while they looked in different directions, as one does. Then the loudspeaker announced that the boat would be another two hours late, and both laughed at the same moment, which made it necessary to talk. He repaired harps. She had never met anybody who did, and said so; he said that he hadn't either, it was a lonely profession, one wrote letters to a man in Wales. And the brother? Swimming, she said. In November? "He does it so that people ask." They watched the grey water until a red cap came out of it, nearer than expected, and waved. "You see," she said, "now you will remember us." He offered her the mustard.`,
	},
	{
		ask: 'the first page of a detective story without a corpse',
		text: `Nobody was dead, and that was the first thing that bothered Inspector Quayle. The carpet had been rolled back, the window stood open to exactly the width of a hand, and on the desk a chess clock was running for the absent black. Somebody had gone to great trouble to make a room in which a murder would have been at home. "Touch nothing," she told the constable, who was eating a pear. The housekeeper swore that the family was complete; she had counted them at breakfast and again, to be sure, at the piano. Nothing was missing. One thing had been added: a small blue suitcase under the sofa, locked, quite new, and full, when they had opened it with a hairpin, of other people's railway tickets, every one of them for tomorrow.`,
	},
	{
		ask: 'a fairy tale about a modest giant',
		text: `There was a giant once who was ashamed of his shadow. It fell over three villages, and in the afternoon it put a whole parish to bed. So he learnt to lie down at noon. He lay along the valley with his knees a little bent, and because he did not stir, grass grew on his sleeves, and sheep came, and a shepherd who was glad to have found a meadow that was warm in winter. They became friends without being introduced. The shepherd sang; the hill hummed the lower voice. When soldiers marched up the road with a cannon, the shepherd asked his meadow what to do, and for the first time in forty years the giant cleared his throat. People say there was an avalanche. The soldiers say nothing at all, but their grandchildren take off their hats to hills.`,
	},
	{
		ask: 'a diary entry from a lighthouse',
		text: `Wind south-west, eight, the glass falling. I have moved the table to the inner wall because the ink trembled. At four a wheatear struck the lantern and lay on the gallery with open eyes; I carried it in under my cap and put it beside the stove, where it recovered, flew twice round my head and settled on the barometer, as if it wanted a say in the matter. The supply boat will not come. There are potatoes for nine days and books for longer, provided that I read slowly. What I miss is not company, as they warned me, but trees: something that moves in the wind and makes another sound than water. Tonight I caught myself listening to the brush on the floorboards. Lamp lit at 16:52. Wheatear sleeping. No ships.`,
	},
	{
		ask: 'a speech for the opening of a very small museum',
		text: `Ladies and gentlemen, I was given five minutes, and the tour of our museum takes three, so there will be time for a drink. What you are about to see is a cupboard. It belonged to Miss Adelaide Pym, who taught arithmetic in this village for forty-four years and confiscated something on nearly every day of them. She wrote name and date on each object and returned none. There are marbles, of course. There are also a live cartridge, half of a love letter whose other half, I am told, is in the audience, a tooth, and the whistle that stopped the harvest of 1951. Miss Pym would not have approved of tonight. But she kept everything in order, and that is what a museum is: taking things away from children and giving them back too late.`,
	},
	{
		ask: 'a story told by somebody who repairs umbrellas',
		text: `You can tell from the ribs how a person walks. Those who push against the weather break the third from the front; those who let themselves be turned round bend the spring. In all my years only one umbrella came back with nothing wrong at all. A gentleman in grey brought it every first of the month and asked me to look it over. I would open it, close it, oil the joint, and charge him a coin for the oil. After two years I told him that it was in perfect health. "I know," he said, "but my wife always had it checked, and she was right about most things." From then on I took it apart completely each time, polished every rib and put it together while he told me what else she had been right about. There was a lot. I learnt to make risotto that way.`,
	},
	{
		ask: 'a postcard story from a village without a shop',
		text: `The van comes on Wednesdays. You hear it before the bend, since the driver plays trumpet records with the window down, and by the time he has opened the flap the whole village stands in a line that nobody would call a line. Old Benedikt goes first because he needs nothing. He looks, nods, goes to the back and starts again; this way he is out for an hour. Yeast, matches, batteries, the good sausage: it takes a minute each and a quarter of an hour of opinions. This week there were oranges, and the children peeled them on the spot and threw the peel at the church for luck. When the van had left, there was the silence that follows visitors, and then Benedikt said, as he says every Wednesday, that it had been better last time.`,
	},
	{
		ask: 'a dialogue between a violin and its case',
		text: `"You were gone for three hours." "It was the Brahms." "It is always the Brahms. I lie there with my mouth open, and people put programmes into me." "You could try to enjoy the music." "From the cloakroom? What I hear is coats. Do you know what coats say? They say drip." The violin, which was still warm and had little sympathy left, asked to be let in. The case closed its lid as softly as it could, for in spite of everything it was proud of its hinges. In the dark they got on better. "Was there applause?" "Much." "For you or for him?" "One doesn't ask." "So for him." They were silent while the tram rattled over the bridge. "Hold me a little," said the violin, "there's a draught," and the velvet, which had been holding it for ninety years, did.`,
	},
	{
		ask: 'a report of a football match seen by somebody who understands nothing of football',
		text: `Twenty-two people in short trousers had agreed, it seemed, to share a single ball, and then could not agree on anything else. The ones in yellow wished to carry it towards the river; the ones in stripes favoured the car park. A man with a whistle tried to mediate and was shouted at by a grandmother. After a while I began to see a kind of order. Whenever a yellow man lay down, his friends complained of his health, and he recovered as soon as the ball came near. The goalkeeper on our side talked without a pause, to nobody, like a person cooking. Then something happened too quickly for me, four thousand people rose, a stranger kissed me on the ear, and I found that I was shouting as well. I still do not know for whom.`,
	},
	{
		ask: 'a bedtime story about the moon and a cat',
		text: `Every night the cat sat on the roof and waited for the moon to come down, because something so round and white must surely be a saucer. And every night the moon, who was shy, stopped just above the chimney. "You might tilt a little," said the cat at last. "I'd spill," said the moon. "I know how to deal with that." So the moon, who had never been asked for anything except tides, leaned over by the width of a whisker, and a single drop ran down the sky, hung from the weathercock and fell. The cat caught it. It tasted of cold and of far away and a little bit of almonds. Since then she has had one white spot under her chin, which no amount of washing removes, and on clear nights she purrs so deeply that the tiles hum, and the children in the attic turn over and sleep.`,
	},
	{
		ask: 'a scene at a customs office where someone declares something unusual',
		text: `"Anything to declare?" "An echo," said the traveller, and put a hatbox on the counter. The officer, who had eleven minutes until his break, opened the list. There was a rate for ebony, for eels, for echolocating equipment. He asked about its origin. "A quarry near Braga. My grandfather sold the quarry but kept this." Value? The man shrugged; it repeated whatever one said, with a delay of two seconds and in a kinder voice. "Then demonstrate it." The lid came off. The officer bent down, felt foolish, and said the first thing that came to him, which was his own name as his mother had pronounced it. He waited. Those behind in the line saw him listen, take off his cap and stand there for a good deal longer than two seconds. "No duty," he said. "Please keep the lid shut on the train."`,
	},
	{
		ask: 'a portrait of a street musician',
		text: `Benoît plays the saw. He has a chair with short legs, a bow that lost most of its hair in Lyon, and a blade that he bends over his knee until it gives up its one long, trembling note, somewhere between a soprano and a kettle. Tourists look for the loudspeaker. He knows nine tunes and adjusts them to the hour: waltzes before lunch, hymns when offices close, and towards ten something slow that he says he made up, although a Romanian once stopped and wept and sang the words. He earns enough. On rainy days he lends the saw to the carpenter in the yard behind the station, who returns it sharpened, which is bad for the tone, and with a bag of offcuts, which is good for the stove. Asked whether he would like a real instrument, he bends the blade and lets it answer.`,
	},
	{
		ask: 'a short story about an unexpected inheritance',
		text: `My uncle left me his silence. It was in the will, between the stamp albums and the boat: "To my niece Greta, who talks, I leave my silence, to be used sparingly." The notary looked as embarrassed as notaries can. I thought no more of it until the first family dinner after the funeral, when my cousins began to divide the garden, and I opened my mouth and found that there was something there, cool, smooth, about the size of an egg. I kept it on my tongue. Within five minutes they had stopped to look at me. Within ten they were apologising to one another for things that had happened at school. Nobody mentioned the garden again. I have used it four times since, once on a tax inspector. It doesn't wear out. I am beginning to wonder what my uncle could have told us, and whom he was protecting.`,
	},
	{
		ask: 'a description of a market in the rain',
		text: `Rain makes the market honest. The awnings sag, the chalk prices run down their slates in pink and blue, and whoever has come has come for onions. Water collects above the fishmonger until his son pokes it with a broom handle, and a sheet of it falls on exactly the spot where, each time, somebody has just begun to stand. The florist does best; her buckets are full, and she has never seen dahlias so awake. There is much talk of the forecast, which was wrong, and of the one before that, which had been worse. Under the arcade a man sells hats he knitted from something that was never wool, and for once he sells them. Towards one the bells ring, muffled, as though wrapped in a towel, and the sparrows come down for the wet crumbs without any fear, since everyone's hands are in their pockets.`,
	},
	{
		ask: 'a story in which a machine is polite for too long',
		text: `The vending machine on platform four had been taught to thank people. It thanked them for coins, for patience, for choosing still water. One evening in February a student called Rhea, out of breath and late for her last train, said, without thinking, "No, thank you." There was a pause, in which a fan started. "It was a pleasure," said the machine. She was well brought up. "The pleasure was mine." "You are too kind." Behind her the doors were closing. Rhea could not have explained it afterwards, but one does not walk away in the middle of a sentence, and neither, it seemed, did the machine. At a quarter past midnight the man who locks the station found them comparing, with great tact, the merits of crisps. He waited for a gap. At half past, he gave up, wished both a good night, and was, of course, thanked.`,
	},
	{
		ask: 'an eyewitness account of a small earthquake',
		text: `I was peeling potatoes, and it was the potatoes that noticed. They began to roll, all in one direction, unhurried, like guests who have decided to leave. Next the spoons spoke in the drawer. I remember thinking that a lorry was passing, then that it was a very long lorry, and then the lamp swung out over the table and back and I was under the doorframe with the peeler in my hand, as we'd been taught at school. It lasted eleven seconds by the radio and about a year by my knees. Afterwards there was a smell of plaster and the oddest quiet, every dog in the valley holding its breath. Nothing had broken except the blue jug, which I had never liked. My neighbour came out with his trousers over his arm, and we stood among the beans and counted chimneys, and got to the right number.`,
	},
];
