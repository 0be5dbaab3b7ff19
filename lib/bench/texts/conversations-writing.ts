import type { Talk } from './conversations.js';

/** Texts that are written and changed together. */
export const writing: readonly Talk[] = [
	{
		topic: 'an e-mail to a landlord',
		turns: [
			{
				user: 'Write a short e-mail to my landlord. The heating in the bedroom has been cold for four days.',
				assistant: `Subject: Heating in the bedroom, flat 12

Dear Mr. Hoffmann,

Since Monday the radiator in my bedroom has been cold, although the valve is open and the other rooms are warm. Bleeding it did not help. At night the temperature falls to 14 °C.

Could you please send somebody to look at it this week? I am at home every day from 5 p.m. and on Friday all day.

Kind regards,
Julia Stern`,
			},
			{
				user: 'It is a bit too friendly, this is the second time. Mention that he promised on 3 November to replace the valve.',
				assistant: `Subject: Heating in the bedroom, flat 12: second notice

Dear Mr. Hoffmann,

Since Monday the radiator in my bedroom has been cold again, although the valve is open and the other rooms are warm. Bleeding it did not help. At night the temperature falls to 14 °C.

On 3 November you promised to replace the valve. This has not been done. I must ask you to have it repaired by Friday, 28 November. I am at home every day from 5 p.m. and on Friday all day.

If the heating is not working by then, I will reduce the rent as the law allows and have the damage recorded by the tenants' association.

Yours sincerely,
Julia Stern`,
			},
			{
				user: 'Good, but leave out the threat with the association, and say that I can be reached by phone.',
				assistant: `Subject: Heating in the bedroom, flat 12: second notice

Dear Mr. Hoffmann,

Since Monday the radiator in my bedroom has been cold again, although the valve is open and the other rooms are warm. Bleeding it did not help. At night the temperature falls to 14 °C.

On 3 November you promised to replace the valve. This has not been done. I must ask you to have it repaired by Friday, 28 November. I am at home every day from 5 p.m. and on Friday all day, and your technician can reach me at any time on 0170 555 0132.

If the heating is not working by then, I will reduce the rent as the law allows.

Yours sincerely,
Julia Stern`,
			},
		],
	},
	{
		topic: 'a text for a flea market',
		turns: [
			{
				user: 'I need a notice for our street flea market on 14 June, 10 to 4, in Rose Lane. Tables cost 5 euros, money goes to the playground.',
				assistant: `**Flea market in Rose Lane**

Saturday, 14 June, 10 a.m. to 4 p.m.

Your attic is full, your neighbour's shelf is empty: let us do something about both. Bring books, toys, tools, clothes, whatever deserves a second life. A table costs 5 euros, and every cent goes to the new swing on the playground.

To reserve a table, put a note with your name into the letter box of number 9 by 7 June.`,
			},
			{
				user: 'Add that there is cake, and what happens if it rains. And ask for people who help to set up.',
				assistant: `**Flea market in Rose Lane**

Saturday, 14 June, 10 a.m. to 4 p.m.

Your attic is full, your neighbour's shelf is empty: let us do something about both. Bring books, toys, tools, clothes, whatever deserves a second life. A table costs 5 euros, and every cent goes to the new swing on the playground. So does the money for coffee and cake, which you find in front of number 15.

To reserve a table, put a note with your name into the letter box of number 9 by 7 June.

**Helping hands wanted:** we set up from 8 a.m. and clear away from 4 p.m. Half an hour of your time is already a help.

If it rains, we meet a week later, on 21 June.`,
			},
			{
				user: 'Now make a version for the neighbours’ chat group, two or three sentences.',
				assistant: `Hello everybody! On Saturday, 14 June, from 10 to 4 there's a flea market in Rose Lane, with coffee and cake in front of number 15. Tables cost 5 euros for the new swing; if you want one, leave a note at number 9 by 7 June. We're still looking for people who help to set up at 8 or to clear away at 4. In case of rain it's on the 21st instead.`,
			},
			{
				user: 'And a poster in the style of a circus announcement, please.',
				assistant: `LADIES AND GENTLEMEN! FOR ONE DAY ONLY!

The GREAT ROSE LANE BAZAAR throws open its invisible gates! Gasp at lamps that have not glowed since 1974! Marvel at the jigsaw of one thousand pieces, of which nine hundred and ninety-eight are present! See with your own eyes grown men carry home what their wives carried out!

The fearless ladies of number 15 will CUT CAKES IN HALF before a live audience, and children dive head first into BOXES OF BOOKS without a net!

On the fourteenth of June, when the clock strikes ten. Doors close at four, for there are none. Stallholders enter for five gold coins, all of which fly through the air and land, by the magic of arithmetic, on the NEW SWING. Should the heavens weep, the spectacle is postponed by seven nights.`,
			},
		],
	},
	{
		topic: 'a product text for tea',
		turns: [
			{
				user: 'Describe our new tea in about 80 words: green tea from Korea, roasted rice, mild, goes well with fish.',
				assistant: `Two harvests meet in this cup: young green leaves from the hills of Boseong in southern Korea, and brown rice, roasted over a low flame until it smells of popcorn and warm bread. The rice takes the edge off the tea, so it stays mild even if you forget it for a minute. Pour water of eighty degrees over it, wait for two minutes, and serve it with grilled mackerel, with sushi, or with nothing but a grey afternoon.`,
			},
			{
				user: 'Nice. Our label says 75 degrees and three minutes. Also mention that it has little caffeine.',
				assistant: `Two harvests meet in this cup: young green leaves from the hills of Boseong in southern Korea, and brown rice, roasted over a low flame until it smells of popcorn and warm bread. The rice takes the edge off the tea, so it stays mild even if you forget it for a minute, and since it fills half of the bag, there is little caffeine to keep you awake. Pour water of seventy-five degrees over it, wait for three minutes, and serve it with grilled mackerel, with sushi, or with nothing but a grey afternoon.`,
			},
			{
				user: 'What could we call it? Five names with one sentence each.',
				assistant: `1. **Second Field**: it names what makes this tea special, the rice that joins the leaves, and sounds calm.
2. **Boseong Toast**: short, a little cheeky, and the roasted smell is in the name at once.
3. **Low Flame**: good for a whole series, as you could add roasted barley or buckwheat later.
4. **Harbour Green**: points to the fish that goes with it and suits a blue package.
5. **Half Past Four**: the hour at which people want something warm that lets them sleep; memorable, though it needs an explanation on the back.

I would test the first and the last: they are the hardest to mistake for a competitor's.`,
			},
		],
	},
	{
		topic: 'a reference for an intern',
		turns: [
			{
				user: 'Draft a reference letter for Malik, our intern in the workshop for six months. He was punctual and curious, learnt welding, and built a rack for us.',
				assistant: `To whom it may concern,

Malik Osei was an intern in our metal workshop from January to June. In these six months he was never late, and seldom the first to leave.

He came without any knowledge of welding. After four weeks he made clean fillet welds in two positions, because he practised during breaks and asked for the reason of every instruction. In April we let him plan and build a rack for sheet metal on his own. He measured our stock, made a drawing, calculated the load and finished it within budget. We use it every day.

Malik explains what he does, admits what he does not know and is liked by everybody in the team. I would hire him at once and recommend him without reservation.

Henrike Vos, head of workshop`,
			},
			{
				user: 'He applies for an apprenticeship as a precision mechanic. Add something about accuracy, and shorten the middle part.',
				assistant: `To whom it may concern,

Malik Osei was an intern in our metal workshop from January to June. In these six months he was never late, and seldom the first to leave.

He came without any knowledge of welding. After four weeks he made clean fillet welds in two positions. In April we let him plan and build a rack for sheet metal on his own, from the first measurement to the last coat of paint. We use it every day.

What makes him fit for precision mechanics is the way he measures. He checks his tools before he trusts them, writes tolerances on every sketch, and once rejected a part of his own for two tenths of a millimetre that nobody else would have seen.

Malik explains what he does, admits what he does not know and is liked by everybody in the team. I recommend him for an apprenticeship without reservation.

Henrike Vos, head of workshop`,
			},
		],
	},
	{
		topic: 'a limerick',
		turns: [
			{
				user: 'A limerick about a baker, please.',
				assistant: `A baker who lived in Peru
Baked loaves in the shape of a shoe;
When asked "Are they sweet?"
He looked at his feet
And said, "I have walked in a few."`,
			},
			{
				user: 'Ha. Explain the form of a limerick to me.',
				assistant: `A limerick has five lines with the rhyme scheme AABBA. Lines one, two and five are long, with three stressed syllables each; three and four are short, with two. The rhythm gallops: most beats are followed by two unstressed syllables, da-DUM-da-da-DUM-da-da-DUM.

By tradition the first line introduces a person and a place, the second says what is odd about them, the two short ones let something happen quickly, and the last delivers the surprise. Edward Lear, who made the form popular, liked to end on the word he had started with. Later writers found that a new rhyme is funnier, because the listener has already guessed the sound but not the sense.`,
			},
			{
				user: 'Then write one about a programmer, with a surprise at the end.',
				assistant: `A coder from northern Quebec
Wrote tests until she was a wreck;
They were green as could be
Until quarter past three,
When she noticed they tested her spec.

The stress falls on "coder", "north" and "-bec" in the first line, and the last one keeps back what was wrong until its final word. If you'd like a gentler ending, the tests might turn out to be somebody else's, but then the rhyme with Quebec gets harder: there are "deck", "neck", "check" and not much more.`,
			},
		],
	},
];
