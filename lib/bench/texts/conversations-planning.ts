import type { Talk } from './conversations.js';

/** Plans, recipes and explanations. */
export const planning: readonly Talk[] = [
	{
		topic: 'a recipe that is scaled',
		turns: [
			{
				user: 'A simple recipe for lentil soup for two, please.',
				assistant: `**Lentil soup for two**

- 150 g brown lentils
- 1 onion
- 1 carrot
- 1 stick of celery
- 1 tablespoon of olive oil
- 700 ml vegetable stock
- 1 bay leaf
- 1 tablespoon of vinegar
- salt and pepper

1. Chop the vegetables finely and fry them in the oil for five minutes.
2. Add lentils, stock and bay leaf, and simmer with the lid on for 30 minutes.
3. Take out the bay leaf, season with vinegar, salt and pepper.`,
			},
			{
				user: 'Now for six people, and with sausages.',
				assistant: `**Lentil soup for six, with sausages**

- 450 g brown lentils
- 3 onions
- 3 carrots
- 3 sticks of celery
- 3 tablespoons of olive oil
- 2 l vegetable stock
- 2 bay leaves
- 6 smoked sausages
- 3 tablespoons of vinegar
- salt and pepper

1. Chop the vegetables finely and fry them in the oil for eight minutes.
2. Add lentils, stock and bay leaves, and simmer with the lid on for 35 minutes.
3. Cut the sausages into slices and warm them in the soup for five minutes; it must not boil any more.
4. Take out the bay leaves, season with vinegar, salt and pepper.`,
			},
			{
				user: 'Two guests are vegetarians. What do I do?',
				assistant: `Keep the sausages out of the pot. Warm them in hot water in a second pan and put them on the table on a plate of their own, so everyone can take what they like; the soup itself is vegetarian, provided the stock is.

What is then missing is the smoky taste. You get it back with a teaspoon of smoked paprika, added when the vegetables are nearly done, or with a few cubes of smoked tofu, fried until crisp and strewn over the bowls at the end. For the vegetarians' hunger, reckon with a little more of everything else: 500 g of lentils rather than 450, and good bread.`,
			},
			{
				user: 'Write me the shopping list for that.',
				assistant: `**Shopping list**

Vegetables
- 3 onions
- 3 carrots
- 3 sticks of celery

Dry goods
- 500 g brown lentils
- vegetable stock for 2 l (check that it has no meat in it)
- 2 bay leaves
- smoked paprika
- vinegar
- olive oil
- salt and pepper, if you are out of them

Fridge
- 4 smoked sausages, for those who eat meat
- 200 g smoked tofu

Bakery
- 2 loaves of good bread

I've put down four sausages, since two of your six guests will not have any.`,
			},
		],
	},
	{
		topic: 'three days in Lisbon',
		turns: [
			{
				user: 'Plan three days in Lisbon for two people who like walking and dislike queues.',
				assistant: `**Day 1, the eastern hills.** Begin at the viewpoint of Graça before nine, walk down through Alfama without a plan, and have lunch near the Fado museum. In the afternoon visit the tile museum by bus 759; it is large and rarely crowded.

**Day 2, the river.** Take the ferry to Cacilhas, walk along the old quays to the lift and up to Almada, and eat fish with a view of the city. Back in the evening, when the light is behind you.

**Day 3, the west.** Go to Belém, but skip the tower's interior. Walk along the water to the museum of architecture, have a pastry at a café that is not the famous one, and return through the botanical garden of Ajuda.`,
			},
			{
				user: 'We arrive only at 2 p.m. on the first day, and on the third our train leaves at 5.',
				assistant: `**Day 1, the eastern hills.** Leave your luggage and take tram 12 or a taxi to the viewpoint of Graça, at about three. Walk down through Alfama without a plan, and have dinner near the Fado museum. The tile museum closes at six, so it moves to the last day.

**Day 2, the river.** Take the ferry to Cacilhas, walk along the old quays to the lift and up to Almada, and eat fish with a view of the city. Back in the evening, when the light is behind you.

**Day 3, near the station.** Your train probably leaves from Santa Apolónia, so stay on that side. Visit the tile museum when it opens at ten, walk along the river for half an hour, and have a late lunch by the station. Be there by half past four. Belém must wait for another time, or replaces the ferry on day 2.`,
			},
			{
				user: 'What if it rains on day 2?',
				assistant: `Then Almada is no pleasure, since most of that walk is without a roof. I would swap the river for rooms that are worth a wet day and still have short queues:

In the morning go to the Gulbenkian, which is big enough for three hours, has a good canteen and a garden you can see through glass while you eat. Afterwards take the metro to Baixa-Chiado and look at the archaeological cellar of the bank in Rua dos Correeiros; the tour is free, but ask for a place the day before. In the late afternoon sit in one of the old bookshops or in the covered market of Campo de Ourique, where people from the quarter eat, which is less true of the one by the river.

If the sky clears after four, as it often does, the ferry runs until late and ten minutes on the water are enough for the view.`,
			},
		],
	},
	{
		topic: 'fractions',
		turns: [
			{
				user: 'My son does not understand why 1/3 is more than 1/4. How do I explain it?',
				assistant: `Don't start from the numbers but from sharing. Take a bar of chocolate and say: first three children share it, then four. Who gets the bigger piece? Children see at once that with more people each piece gets smaller. Only then write 1/3 and 1/4 under the two pictures and say that the lower number is the number of children.

The mistake behind it is a sensible one: he compares 3 and 4, as he has always done. So tell him that he is right about 4 being more than 3, and that this is precisely why the piece is smaller.`,
			},
			{
				user: 'That worked! Now he has to add 1/3 and 1/4 and adds tops and bottoms, 2/7.',
				assistant: `Let him check his own result. Is 2/7 more or less than 1/3? If he puts both on a number line or in a bar, he'll find that 2/7 is smaller than 1/3, although something has been added. That can't be, and it's better that he discovers it than that you say so.

Then the reason: thirds and quarters are pieces of different size, and one cannot count different things together, just as two apples and three pears aren't five apples. They need a common name. Cut the bar into twelve squares: a third is four of them, a quarter is three, together seven squares, 7/12.

Twelve isn't magic. It's a number of squares that can be shared by three children and by four. Ask him which number would do for halves and fifths, and he has understood it.`,
			},
			{
				user: 'Give me five exercises for that, getting harder, with answers.',
				assistant: `1. 1/2 + 1/4. A half is two quarters, so only one fraction has to change.
2. 1/2 + 1/5. Which number can be shared by two and by five?
3. 2/3 + 1/6. Draw a bar with six squares first.
4. 3/4 + 2/5. The sum is more than one whole; write it as a mixed number.
5. Mia eats 1/3 of a pizza and Tom 3/8 of it. How much is left?

Answers:

1. 3/4
2. 5/10 + 2/10 = 7/10
3. 4/6 + 1/6 = 5/6
4. 15/20 + 8/20 = 23/20 = 1 3/20
5. 8/24 + 9/24 = 17/24 are eaten, 7/24 are left

Before he calculates the fourth, let him guess whether it's more or less than one. A guess that turns out right is worth as much as the result.`,
			},
		],
	},
	{
		topic: 'a plan for learning the guitar',
		turns: [
			{
				user: 'I am 55 and want to learn the guitar. How should I start?',
				assistant: `With a classical guitar, because nylon strings are kinder to the fingers, and with ten minutes a day rather than an hour on Sundays. For the first month you need three chords, E minor, G and D, and one rhythm. Press just behind the fret, not on it; that costs half the force.

Take three or four lessons with a teacher at the beginning, to get your left wrist and your seat right. What you learn wrongly there will stay with you for years. After that, videos and a song book are fine for a while.`,
			},
			{
				user: 'Make a plan for eight weeks.',
				assistant: `| week | chords | what else |
|---|---|---|
| 1 | E minor | tuning; strumming down in fours |
| 2 | + G | changing between the two, slowly, with a metronome at 50 |
| 3 | + D | first song with three chords |
| 4 | the same | down-up strumming, metronome at 60 |
| 5 | + C | lesson with a teacher: check wrist and seat |
| 6 | + A minor | second song; sing along or hum |
| 7 | the same | picking single strings with the thumb |
| 8 | all five | play both songs to somebody |

Practise for ten minutes on six days a week. If your fingertips hurt, stop; they harden by themselves within three weeks.`,
			},
			{
				user: 'I have only four days a week, but twenty minutes. And I do not want to sing.',
				assistant: `| week | chords | what else |
|---|---|---|
| 1 | E minor | tuning; strumming down in fours |
| 2 | + G | changing between the two, slowly, with a metronome at 50 |
| 3 | + D | first piece with three chords |
| 4 | the same | down-up strumming, metronome at 60 |
| 5 | + C | lesson with a teacher: check wrist and seat |
| 6 | + A minor | second piece; play along with a recording |
| 7 | the same | picking single strings with the thumb |
| 8 | all five | play both pieces to somebody |

Practise for twenty minutes on four days a week, with a break of two minutes in the middle, and never leave out two days in a row. If your fingertips hurt, stop; they harden by themselves within four weeks, a little later than with daily practice.`,
			},
		],
	},
	{
		topic: 'a noisy refrigerator',
		turns: [
			{
				user: 'My fridge hums loudly at night. Is it broken?',
				assistant: `Probably not. A compressor hums, and at night you hear it more. Check three cheap causes first: is it level, or does it touch the wall or the cupboard? Is a bottle rattling inside or on top? Is the grid at the back full of dust, so that it has to run longer? If the hum comes and goes in intervals of ten to twenty minutes, that's normal work. It's a fault if it never stops, clicks every few seconds, or the milk isn't cold any more.`,
			},
			{
				user: 'It never stops, and there is ice on the back wall.',
				assistant: `Those two belong together. Ice on the back wall insulates it, so the thermostat never feels the temperature it waits for, and the compressor goes on for ever. Most often the door is to blame: warm, moist air comes in through a seal that doesn't close. Test it with a sheet of paper, shut the door on it at several places and pull; where it slides out easily, the seal is tired.

Empty the fridge, switch it off and let the ice melt with the door open. Never scrape it off with a knife, as the tubes lie right behind. Clean the little drain at the bottom of the wall with a straw, wash the seal with warm water, and put some petroleum jelly on it.

If there's ice again within a week although the door closes tightly, the thermostat or its sensor is defective. A replacement part is about thirty euros, and many people change it themselves.`,
			},
			{
				user: 'The paper slides out at the bottom corner. What now?',
				assistant: `Then you've found it, and it can be mended in an evening. A seal that stands off at one corner has usually been bent by cold and dirt rather than worn out. Warm it with a hair dryer at medium heat from a distance of a hand, for two or three minutes, until it is soft, pull the corner outwards with your fingers and close the door on it. Fix the door with adhesive tape and leave it shut overnight.

Do the test with the paper again in the morning. If it holds, you are finished. Otherwise look whether the door itself hangs low: the lower hinge has two screws, and lifting it by a few millimetres often brings the corner back to the frame.

Only if the rubber is cracked do you need a new one. Look up the model number, it is on a plate inside, next to the vegetable drawer; seals are clipped or screwed in and can be replaced without special tools.`,
			},
		],
	},
	{
		topic: 'a birthday for a seven-year-old',
		turns: [
			{
				user: 'Ideas for the birthday of a girl who turns seven, eight guests, three hours, rain expected.',
				assistant: `A detective party works indoors and tires nobody out.

- **Arrival, 20 minutes:** each child gets a name badge and leaves a fingerprint with an ink pad.
- **The case, 60 minutes:** the cake has disappeared. Five clues lie about the flat; each leads to the next, the last to the washing machine.
- **Cake, 30 minutes.**
- **Workshop, 40 minutes:** invisible ink from lemon juice, made visible over a lamp.
- **Free play, 30 minutes**, and goodbye with a magnifying glass.`,
			},
			{
				user: 'Write the five clues. The places: shoe, bookshelf, freezer, piano, washing machine.',
				assistant: `1. *(handed over at the door)* "I have a tongue but cannot speak, and I sleep beside my twin. Look into the biggest of us."
2. *(in the shoe)* "We stand in a row with our backs to you, and each of us knows another story. Search behind the red one."
3. *(on the bookshelf)* "In here it is always winter, even in July. The peas are guarding something."
4. *(in the freezer)* "I have eighty-eight teeth, black and white, and never bite. Lift my lid and look, but do not play the lowest note."
5. *(in the piano)* "I turn round and round and feel dizzy only at the end. Your socks know me. What you are looking for is behind my window."

Tape the cake's box shut, in case somebody switches the machine on out of habit.`,
			},
			{
				user: 'Two of the children cannot read well yet.',
				assistant: `Then let the clues work without reading. For each, draw a picture on the back that says half of it: for the shoe a tongue sticking out, for the shelf a row of backs with one in red, for the freezer a snowman among peas, for the piano a mouth with black and white teeth, for the washing machine a dizzy sock.

Make pairs, too, one who reads and one who has a special tool: the torch, the magnifying glass, the key to the evidence box. Whoever holds the tool decides where to look, so nobody is merely listening. The fingerprints help as well: put a print beside each clue and let the group compare it with those from the door. That takes sharp eyes and no letters at all, and the culprit, who of course is the father, can be convicted by his thumb.`,
			},
		],
	},
	{
		topic: 'a houseplant',
		turns: [
			{
				user: 'My monstera has yellow leaves. What is wrong?',
				assistant: `Most likely it stands too wet. Push a finger into the soil as deep as it goes: if it's damp down there and the lower leaves turn yellow first, water less, about once in ten days in winter, and empty the saucer. If the soil is bone-dry and the edges are brown and crisp, it's the opposite. Yellow between green veins points to missing nutrients, and fine webs below the leaves to mites.`,
			},
			{
				user: 'It is damp, and it smells a bit. The pot has no holes.',
				assistant: `Then the roots are rotting, and the plant has to come out today rather than on the weekend.

Spread newspaper, pull it from the pot and shake off the soil. Healthy roots are firm and pale; cut away all that are brown and come off like a glove, with clean scissors. If more than half are gone, shorten the leaves by a third as well, since so few roots can't supply them all. Let everything dry in the air for an hour.

Use a pot with holes, only two fingers wider than what remains of the roots, and loose soil: two parts potting soil, one part bark, one part perlite. Don't water for four days, then moderately. It will sulk for some weeks. The first new leaf tells you that it worked, and the yellow ones may be cut off, they don't turn green again.`,
			},
			{
				user: 'And what do I do with the nice old pot without holes?',
				assistant: `Keep it as a cover. Plant the monstera in a plain plastic pot with holes that is a little smaller, and put that into the nice one, on a layer of pebbles or an upturned saucer, so there are two centimetres of air below. After watering wait for ten minutes, lift the inner pot out and pour away what has collected. If you find that a nuisance, carry the plant to the shower once a week instead, water it there and put it back when it has dripped.

You could also drill it. Glazed ceramic can be drilled with a diamond bit for tiles, slowly, without hammering, with water for cooling and a piece of tape where you begin; three holes of one centimetre are enough. Old majolica tends to crack, so I wouldn't risk a piece that you love.`,
			},
		],
	},
	{
		topic: 'a presentation',
		turns: [
			{
				user: 'I have to present our quarterly figures in ten minutes. Sales up 4 %, costs up 9 %, two new customers, one lost. Structure?',
				assistant: `Say the uncomfortable thing first, since everybody can subtract.

1. **The message (1 minute):** we sold more and kept less. One chart: sales +4 %, costs +9 %.
2. **Why costs rose (3 minutes):** the two or three largest items, each with a number and whether it comes back next quarter.
3. **Customers (2 minutes):** two won, one lost; what the lost one said.
4. **What we do (3 minutes):** at most three measures, each with a name and a date.
5. **What I need from you (1 minute):** one decision.

Five slides, no agenda.`,
			},
			{
				user: 'Costs rose because of energy (half of it) and two new hires. The lost customer found us too slow in delivery.',
				assistant: `Then the slides could say this:

1. **We sold more and kept less.** Sales +4 %, costs +9 %.
2. **Half of the rise is energy, the other half is an investment.** Energy: 4.5 points, stays until the new contract. Two new hires: 4.5 points, they pay off when deliveries get faster. Say when.
3. **Two customers won, one lost over delivery time.** Quote the lost one in a single sentence.
4. **Faster by summer.** The two new colleagues take over dispatch by 1 March; delivery within five days by 1 June; offers for energy by the end of the month.
5. **Please decide today:** may we sign a two-year contract for energy if it saves at least 15 %?

The second slide is the heart of it: it turns a bad number into a story that the third one confirms. Expect the question why dispatch wasn't strengthened earlier, and have an honest answer of two sentences ready.`,
			},
			{
				user: 'Draft those two sentences.',
				assistant: `"We saw the complaints about delivery in spring and believed that the new software would solve them by itself. It did not, and we lost three months before we decided to hire, which is a mistake that I would rather name here than explain in the next quarter."

If that is too self-critical for your company, leave the first sentence as it is and end with: "It helped less than we had expected, so in September we decided to hire, and since then the average has come down by a day." But check the figure first; someone in the room will know it. And pause after the answer. An admission that is followed at once by a justification sounds like an excuse, while one that's allowed to stand for two seconds sounds like somebody who has the matter in hand.`,
			},
		],
	},
];
