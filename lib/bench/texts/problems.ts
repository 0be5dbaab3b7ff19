/** A word problem with a solution; `{a mistake|what is right}`. */
export interface Problem {
	readonly question: string;
	readonly solution: string;
	readonly review: string;
}

export const problems: readonly Problem[] = [
	{
		question:
			'A bakery sells rolls for 40 cents and pretzels for 90 cents. On Monday it sold 120 rolls and half as many pretzels. How much money did it take?',
		solution:
			'The bakery sold 120 rolls, which is 120 × 0.40 = 48 euros. It sold half as many pretzels, that is {240|60}, for {240 × 0.90 = 216|60 × 0.90 = 54} euros. Together it took {48 + 216 = 264|48 + 54 = 102} euros.\n\nAnswer: {264|102} euros.',
		review: 'Half as many as 120 are 60 and not 240, so the pretzels brought 54 euros.',
	},
	{
		question:
			'A tank holds 600 litres. A pump fills 25 litres a minute, while 5 litres a minute leak out. How long does it take to fill the empty tank?',
		solution:
			'Each minute 25 litres come in and 5 litres leak out, so the tank gains {25 + 5 = 30|25 − 5 = 20} litres a minute. It holds 600 litres. The time is {600 / 30 = 20|600 / 20 = 30} minutes.\n\nAnswer: {20|30} minutes.',
		review: 'The leak takes water away, so it has to be subtracted: the tank gains 20 litres a minute.',
	},
	{
		question:
			'Nina reads 18 pages on each of the first four days of a week and 30 pages on each of the other three. The book has 250 pages. How many are left?',
		solution:
			'On the first four days Nina reads {18 + 4 = 22|4 × 18 = 72} pages. On the other three days she reads 3 × 30 = 90 pages. In the whole week these are {22 + 90 = 112|72 + 90 = 162} pages. Of 250 pages {250 − 112 = 138|250 − 162 = 88} are left.\n\nAnswer: {138|88} pages.',
		review: 'For four days with 18 pages each, one must multiply: that is 72 pages.',
	},
	{
		question:
			'A coat costs 160 euros. In a sale its price falls by a quarter, and members get another 10 percent off the new price. What does a member pay?',
		solution:
			'A quarter of 160 euros is 40 euros, so the price in the sale is 160 − 40 = 120 euros. Ten percent of {160|120} euros are {16|12} euros. A member pays {120 − 16 = 104|120 − 12 = 108} euros.\n\nAnswer: {104|108} euros.',
		review: 'The ten percent are taken off the new price of 120 euros, which is 12 euros.',
	},
	{
		question:
			'Two trains start at the same time from towns that are 420 km apart and drive towards each other, one at 80 km/h, the other at 60 km/h. When do they meet, and how far has the faster one come?',
		solution:
			'The distance between the trains shrinks by {80 − 60 = 20|80 + 60 = 140} km an hour. They are 420 km apart, so they meet after {420 / 20 = 21|420 / 140 = 3} hours. By then the faster train has come {21 × 80 = 1680|3 × 80 = 240} km.\n\nAnswer: after {21|3} hours, and {1680|240} km.',
		review: 'They drive towards each other, so the speeds are added: 140 km an hour.',
	},
	{
		question:
			'A class of 28 children goes to the zoo. Each ticket costs 6 euros, and every seventh child is free. The bus costs 90 euros. What does each child pay if the costs are shared equally?',
		solution:
			'Every seventh child is free, so of 28 children {7|4} are free and {21|24} pay. The tickets cost {21 × 6 = 126|24 × 6 = 144} euros. With the bus that makes {126 + 90 = 216|144 + 90 = 234} euros. Shared by 28 children, these are about {216 / 28 = 7.71|234 / 28 = 8.36} euros.\n\nAnswer: {7.71|8.36} euros.',
		review: 'If every seventh of 28 children is free, 28 / 7 = 4 children are free.',
	},
	{
		question:
			'A rectangular garden is 12 m long and 8 m wide. Around it, on the outside, there is a path of 1 m width. What is the area of the path?',
		solution:
			'The garden has an area of 12 × 8 = 96 square metres. With the path, it is {13|14} m long and {9|10} m wide, because the path is there {on one side|on both sides}. This area is {13 × 9 = 117|14 × 10 = 140} square metres. The path has {117 − 96 = 21|140 − 96 = 44} square metres.\n\nAnswer: {21|44} square metres.',
		review: 'The path adds a metre on both sides, so the outer rectangle is 14 m by 10 m.',
	},
	{
		question:
			'Omar mixes 3 litres of juice with 40 percent sugar water and 2 litres with 15 percent. How many percent has the mixture?',
		solution:
			'The 3 litres contain 3 × 0.40 = 1.2 litres of sugar water, the 2 litres contain 2 × 0.15 = {0.03|0.3} litres. Together these are {1.23|1.5} litres in 5 litres of mixture. The share is {1.23 / 5 = 24.6|1.5 / 5 = 30} percent.\n\nAnswer: {24.6|30} percent.',
		review: 'Two times 0.15 is 0.3 and not 0.03.',
	},
	{
		question:
			'A printer prints 24 pages a minute in black and 9 in colour. A booklet has 60 black pages and 18 in colour. How long do 10 booklets take?',
		solution:
			'The 60 black pages of a booklet take 60 / 24 = 2.5 minutes. The 18 pages in colour take {18 / 24 = 0.75|18 / 9 = 2} minutes. A booklet takes {2.5 + 0.75 = 3.25|2.5 + 2 = 4.5} minutes, and ten of them take {32.5|45} minutes.\n\nAnswer: {32.5|45} minutes.',
		review: 'In colour the printer manages only 9 pages a minute, so 18 pages take 2 minutes.',
	},
	{
		question:
			'Mara saves 15 euros in January, and in each following month 5 euros more than in the month before. How much has she saved by the end of June?',
		solution:
			'The amounts are 15, 20, 25, 30, {35 and 45|35 and 40} euros. January to June are {5|6} months. The sum is {15 + 20 + 25 + 30 + 35 + 45 = 170|15 + 20 + 25 + 30 + 35 + 40 = 165} euros.\n\nAnswer: {170|165} euros.',
		review: 'After 35 euros come 40 euros, not 45, and from January to June there are six months.',
	},
	{
		question:
			'A cyclist rides 36 km at 18 km/h, rests for half an hour and rides back at 24 km/h. What is the average speed of the whole trip, rest included?',
		solution:
			'There, the cyclist needs 36 / 18 = 2 hours. The way back takes 36 / 24 = 1.5 hours. With the rest of half an hour, the trip takes {2 + 1.5 = 3.5|2 + 0.5 + 1.5 = 4} hours. The distance is {36|2 × 36 = 72} km. The average is {36 / 3.5 = 10.3|72 / 4 = 18} km/h.\n\nAnswer: {10.3|18} km/h.',
		review: 'The rest was left out of the sum, and the distance there and back is 72 km.',
	},
	{
		question:
			'Of 250 people who were asked, 60 percent drink coffee, and of those who do, one third also drink tea. How many drink coffee but no tea?',
		solution:
			'Of 250 people 60 percent are 250 × 0.6 = 150 people who drink coffee. One third of {250|them} also drink tea, which are {about 83|150 / 3 = 50} people. So {150 − 83 = 67|150 − 50 = 100} people drink coffee but no tea.\n\nAnswer: {67|100} people.',
		review: 'The third refers to the 150 coffee drinkers, so 50 of them also drink tea.',
	},
];
