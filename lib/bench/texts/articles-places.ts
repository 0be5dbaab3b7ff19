import type { Article } from './articles.js';

/** Towns, buildings, and how people get from one to another. */
export const places: readonly Article[] = [
	{
		title: 'The ferry at Hallow Point',
		text: `
For sixty years the ferry at Hallow Point {was run by a single family|belonged to a single family}. Aldo Fenn bought
the first boat, a flat barge with a cable, {for the reason that|because} the bridge upstream had been carried away
by ice and nobody {was in a position to|could} say when it would be rebuilt. It took eleven minutes to cross, a
little less when the river was low.

{There were many passengers who|Many passengers} knew the timetable by heart, although it was never printed. The
boat left the west bank when the school bell rang and {came back again|returned} when the baker had loaded his
trays. On market days it {made crossings without a pause|crossed without a pause} from six in the morning, and
Fenn's daughter Rosa took the fares in a biscuit tin that {can still be seen|is still on show} in the town hall.

The bridge was rebuilt in 1961, two hundred metres further north, and {the number of passengers went down
quickly|the passengers soon stayed away}. Rosa Fenn kept the service going for another nine summers, mostly for
walkers and for cyclists who {wanted to avoid|disliked} the hill on the new road. She sold the last season ticket to
her own grandson.

Today the cable {has been taken down|is gone}, but the two iron posts remain, and children {make use of|use} the one
on the west bank as a goal. A proposal to bring back a small electric ferry has been {under discussion for|discussed
for} three years; the council expects {that a decision will be made|to decide} before the autumn.`,
		name: ['Rosa Fenn', 'Clara Fenn'],
		question: 'Why was the ferry started, and how did it end?',
		answer: `The ferry began as a stopgap. According to the text, Aldo Fenn bought the first boat because "the bridge upstream had been carried away by ice and nobody was in a position to say when it would be rebuilt". Its end came in two steps. The decisive one was the new bridge: it "was rebuilt in 1961, two hundred metres further north, and the number of passengers went down quickly". The second was slower, since the owner's daughter would not give up at once. "Rosa Fenn kept the service going for another nine summers, mostly for walkers and for cyclists who wanted to avoid the hill on the new road." Whether that is really the end is open, as a small electric ferry "has been under discussion for three years".`,
		account: `The ferry at Hallow Point was run by one family for {sixteen|sixty} years. Aldo Fenn bought a flat barge with a cable after the bridge upstream had been carried away by {a flood|ice}. A crossing took eleven minutes. His daughter Rosa took the fares in a biscuit tin, which is now in the town hall. When the bridge was rebuilt in 1961, {two kilometres to the south|two hundred metres further north}, most passengers stayed away, but Rosa Fenn went on for another nine summers, mainly for walkers and cyclists. The cable is gone today{, and so are the posts|, while the two iron posts remain}. The council wants to decide about a small electric ferry before the autumn.`,
		review: `I compared the summary with the text. Four things are wrong: the family ran the ferry for sixty years, not sixteen; the bridge was carried away by ice, not by a flood; the new bridge stands two hundred metres further north; and the two iron posts are still there.`,
	},
	{
		title: 'Night market on Cooper Street',
		text: `
The night market began as a mistake. In the first week of July the city closed Cooper Street for repairs to a water
main, and the traders, who {had not been told about it|knew nothing of it}, set up their stalls at the usual hour and
found {that there were no cars|no cars}. By ten in the evening the street was full of people who {had come out in
order to|had come to} enjoy the cool air.

{It was decided by the traders' association that they would|The traders' association decided to} ask for the same
closure every Thursday. The city agreed to a trial of eight weeks, on condition that the stalls leave a lane of four
metres free for the fire brigade and that {the playing of music should stop|music stop} at half past eleven.

What is sold has changed {over the course of time|with time}. At first there were vegetables and cheap shirts, as
during the day. Now {about a half of the stalls|half of the stalls} have something to eat: dumplings, grilled corn,
a soup of chickpeas and lemon that Mrs. Okafor {makes on the spot|cooks on the spot} in a pan a metre wide. A watch
mender works under a lamp and says that he {gets more orders|has more orders} in three hours than in a whole day at
his shop.

Not everyone is pleased. Those who live on the first floor {have complained about the smell|complain about the smell}
of frying oil, and the bicycle couriers have to make a detour. The association has promised {to do something about
both of these|to see to both}, and it has begun by renting a filter.`,
		name: ['Mrs. Okafor', 'Mrs. Lindqvist'],
		question: 'How did the night market come about, and what do neighbours object to?',
		answer: `By accident, if the text is right: "The night market began as a mistake." The city had closed the street for repairs, the traders came all the same, and "by ten in the evening the street was full of people". Later the association asked for it weekly and got "a trial of eight weeks, on condition that the stalls leave a lane of four metres free for the fire brigade". The objections are about smell and about the way round. People upstairs "have complained about the smell of frying oil, and the bicycle couriers have to make a detour". So far the answer to both is a promise, and a filter that the traders have rented.`,
	},
	{
		title: 'The library that moved',
		text: `
When the old library in Brenning {became too small|grew too small}, the town could not afford to {build a new
building|build}. What it could afford was the former bus depot, a hall of brick with a saw-tooth roof, eighty metres
long and without {a single internal wall|any wall inside}. The architect, Ines Carvalho, proposed to leave it that
way.

Books {are placed along the north side|stand along the north side}, where the light from the roof is even. In the
middle are the tables, of three heights, so that children, readers and people with wheelchairs {do not have to fight
over them|need not fight over them}. The pits in which mechanics {used to stand|once stood} below the buses were
covered with thick glass; one of them holds the archive of the local newspaper, and {it is possible to look down
on|you can look down on} the bound volumes.

The move itself took a single Saturday. Nine hundred inhabitants {formed a line|stood in a line} from the old door to
the new one, a distance of six hundred metres, and passed the books {from one hand to the next|from hand to hand} in
the order of the shelves. The librarian had reckoned with two days and {was not ready|had no shelves ready} for the
second half.

{In the first year there was an increase of loans by|In the first year loans rose by} forty percent. More telling,
perhaps, is that people stay {for a longer time|longer}: on average an hour and ten minutes, where it was a quarter
of an hour before. The one complaint that {is heard again and again|keeps coming} concerns the echo, and felt panels
have been ordered.`,
		question: 'What makes the new library unusual, and what effect has it had?',
		answer: `Mostly that it is a bus depot which was left as it is. The town bought "a hall of brick with a saw-tooth roof, eighty metres long and without a single internal wall", and the architect kept it open. Some traces of the old use became features: "The pits in which mechanics used to stand below the buses were covered with thick glass". The way the books got there was unusual too, since "nine hundred inhabitants formed a line from the old door to the new one". As for the effect, loans went up by forty percent, and the text finds something else more telling: people stay "on average an hour and ten minutes, where it was a quarter of an hour before". The drawback is the echo.`,
		account: `The old library in Brenning had become too small, so the town bought a former {tram|bus} depot, a brick hall eighty metres long. The architect Ines Carvalho left it open. Books stand along the {south|north} side, where the light is even, and the tables in the middle have three heights. The mechanics' pits are covered with thick glass, and one holds the archive of the local newspaper. On a single Saturday {ninety|nine hundred} inhabitants passed the books from hand to hand over six hundred metres. Loans rose by forty percent in the first year, and people now stay for {two hours|an hour and ten minutes} on average. The echo is to be cured with felt panels.`,
		review: `Checking against the article, I find these mistakes: it was a bus depot, not a tram depot; the books stand on the north side; nine hundred people took part in the move, not ninety; and the average visit lasts an hour and ten minutes rather than two hours.`,
	},
	{
		title: 'Stairs of Monteluce',
		text: `
Monteluce has four thousand inhabitants and {a total of 2,311 public steps|2,311 public steps}. Nobody planned them.
The village {is located on|lies on} a ridge so narrow that the main street fills it, and {each and every other
lane|every other lane} leads down. Where a mule could no longer stand, somebody cut a step, and the next owner cut
another.

{The steps are different from each other|No two flights are alike}. The oldest are of tuff, hollowed by feet until
they hold water after rain; those from the thirties are concrete with {a rail made out of iron|an iron rail}. The
steepest flight, behind the church, rises twenty-two metres over thirty-one, and the postman, Ettore Bassi, {has the
habit of climbing|climbs} it twice a day.

For the old, the stairs {constitute a serious problem|are a serious problem}. In 2015 the municipality counted
eighty-six people who {were not able to leave|could not leave} their quarter without help. A lift in the rock was too
expensive. Instead there are now volunteers with a chair {that is carried by two persons|carried by two}, an
invention of the fire brigade, and a weekly van that {goes to the lower gate|stops at the lower gate}.

Visitors count the steps and {mostly arrive at|mostly get} a different number. That is no wonder, since three flights
are private in law and public {in actual practice|in practice}, and one is {under water from time to time|sometimes
under water}.`,
		name: ['Ettore Bassi', 'Carlo Neri'],
		question: 'How did the village come by so many steps, and who suffers from them?',
		answer: `They grew one by one. "Nobody planned them", the text says, and explains it by the ridge on which the village lies: "Where a mule could no longer stand, somebody cut a step, and the next owner cut another." Those who suffer are the old. There is a figure for it: "In 2015 the municipality counted eighty-six people who were not able to leave their quarter without help." A lift was out of reach, so help is modest, "volunteers with a chair that is carried by two persons, an invention of the fire brigade, and a weekly van that goes to the lower gate". The postman, on the other hand, seems not to mind.`,
	},
	{
		title: 'A tram line reconsidered',
		text: `
Line 7 was to be closed in March. It {was making a loss|lost money}, its cars were forty years old, and the buses on
the parallel avenue were faster {by a few minutes|by four minutes}. The report that recommended the closure ran to
ninety pages and {did not contain any information about|said nothing of} who rode the line.

{A group of students decided that they would find out|A group of students set out to find out}. For two weeks they
stood at the nineteen stops and asked. Of 3,204 passengers, a third were going to the hospital, as patients, as
visitors or {in order to work there|to work}. A further fifth were pupils of the two schools at Linden Square. Almost
nobody {was in the possession of|had} a car.

The avenue's buses, it turned out, do not {make a stop at|stop at} the hospital; they stop at the bottom of its hill.
With the tram gone, the walk {would have been|would be} seven hundred metres, uphill, {for people of whom many|for
people many of whom} come because walking is hard for them. This {had escaped the attention of|had escaped} the
authors of the report, who had measured distances on the map.

The council has {now taken the decision to keep|decided to keep} the line for ten years, and to buy six used cars
from a city that is replacing its own. The loss {is going to remain|will remain}. But it is, as the mayor said, about
{the same amount as|as large as} what the city pays to keep the avenue free of snow.`,
		question: 'What did the report overlook, and what was decided?',
		answer: `It overlooked the passengers. The text notes that the report "ran to ninety pages and did not contain any information about who rode the line". Students filled the gap and found that many were on their way to the hospital, and that the buses were no substitute: "The avenue's buses, it turned out, do not make a stop at the hospital; they stop at the bottom of its hill." The authors had missed the hill because they "had measured distances on the map". In the end the council kept the line "for ten years, and to buy six used cars from a city that is replacing its own", which leaves the loss as it is.`,
		account: `Line 7 was to be closed in {May|March}, because it lost money and its cars were forty years old. The report that recommended this did not say who rode the line. Students asked {2,304|3,204} passengers at nineteen stops: a third were going to the hospital, and {a quarter|a further fifth} were pupils. The buses on the avenue stop only at the bottom of the hospital's hill, from where the walk would be seven hundred metres uphill. The council will now keep the line for ten years and buy six {new|used} cars. The loss remains, but it is about what the city pays to keep the avenue free of snow.`,
		review: `Four details differ from the source. The closure was planned for March. The students asked 3,204 passengers. Pupils were a fifth and not a quarter. The six cars that are bought are used ones.`,
	},
	{
		title: 'Harbour clock',
		text: `
The clock on the harbour office at Veld has four faces and, {until recently|until last year}, four opinions. Sailors
went by the one towards the sea, which was {slow by two minutes|two minutes slow}; the fish auction went by the one
towards the quay, which was fast. {As a consequence of this|So}, an auction that began at seven was over before the
boats that trusted the sea face {had come into the harbour|were in}.

The reason {was to be found in|lay in} the shafts. A single movement in the tower drives all four pairs of hands by
rods and bevel gears, and each gear had worn {in its own particular way|in its own way}. When the clockmaker Johanna
Prins opened the case, she found shims made of sardine tins, {which had been inserted by|put there by} generations of
caretakers.

She measured {each one of the gears|each gear}, made new ones from bronze and kept the old ones in a drawer below the
movement, with labels. The work took five months, {during the course of which|during which} the hands stood at noon.
People who had never looked up {made a complaint|complained}.

Since the spring all faces agree {to within|within} ten seconds. The auction has moved to a quarter past seven, {due
to the fact that|since} the boats still come when they come. And the caretaker has been given {a written
instruction|written orders} that tins are for sardines.`,
		name: ['Johanna Prins', 'Marit Visser'],
		question: 'What was wrong with the clock, and how was it mended?',
		answer: `Its faces disagreed, because the gears behind them had worn unevenly: "A single movement in the tower drives all four pairs of hands by rods and bevel gears, and each gear had worn in its own particular way." Earlier repairs were improvised, and the clockmaker "found shims made of sardine tins, which had been inserted by generations of caretakers". She replaced the lot. In the words of the text, she "made new ones from bronze and kept the old ones in a drawer below the movement, with labels". It took five months, and the result is that "all faces agree to within ten seconds".`,
	},
	{
		title: 'House numbers in Old Tarn',
		text: `
Whoever looks for 14 Mill Lane in Old Tarn {should bring some time|needs time}. Houses there {were given their
numbers|were numbered} in the order in which they were built, so 14 stands between 3 and 61, and 15 is across the
stream. The system {dates back to the year|dates from} 1794, when an officer counted quarters for his troops and
{did not have any interest in|cared little for} geography.

{On several occasions there have been attempts|Several attempts were made} to number the street anew. In 1911 the
plates had already been cast when the notary pointed out that {all of the deeds|all deeds} in the land register named
the old numbers. In 1974 it was the fire brigade who {asked for a change|wanted a change}; the inhabitants answered
by painting little maps on their gates.

These maps {are the solution that has lasted|have lasted}. They show the lane as a line and each house as a square,
with {the one on which the map is painted|the map's own house} filled in red. The oldest, at number 22, was painted
by Willem Aarts, {who was a sign writer|a sign writer}, and his grandchildren renew it every fifth year.

Parcel services {have found a solution of their own|have their own solution}. They leave everything at the bakery,
whose number, by chance, is 1, {and which is located|and which stands} exactly where a 1 should be.`,
		question: 'Where do the odd numbers come from, and how do people manage with them?',
		answer: `From the military. The numbers follow the order of building, a system that "dates back to the year 1794, when an officer counted quarters for his troops and did not have any interest in geography". Reform failed twice; the first time because "the notary pointed out that all of the deeds in the land register named the old numbers". People manage with maps on their gates, which "show the lane as a line and each house as a square, with the one on which the map is painted filled in red". And the parcel services have given up: "They leave everything at the bakery".`,
		account: `In Old Tarn houses are numbered in the order in which they were {sold|built}, so 14 Mill Lane stands between 3 and 61. The system dates from {1749|1794}, when an officer counted quarters for his troops. In 1911 new plates had already been cast when the {mayor|notary} pointed out that the deeds named the old numbers. In 1974 the fire brigade wanted a change, and the inhabitants painted little maps on their gates instead. The oldest map is at number 22, painted by the sign writer Willem Aarts, and his grandchildren renew it every {second|fifth} year. Parcel services leave everything at the bakery, which is number 1.`,
		review: `The account is mostly right, but houses were numbered in the order of building, the year is 1794, it was the notary who spoke of the deeds, and the map at number 22 is renewed every fifth year.`,
	},
	{
		title: 'The bath house on the ring road',
		text: `
From the outside the bath house {looks like a warehouse|resembles a warehouse}, and that is what it was meant to be.
The plan was changed in 1958, when the gasworks next door offered its waste heat {free of charge|for nothing} to
anyone who {had a use for it|could use it}. The city had three thousand flats without a bathroom, and the steel
frame was already standing.

{In the interior there are|Inside are} forty cabins with tubs, two pools and a hall for drying laundry, which
{nobody had asked for|nobody had ordered} and which became the heart of the building. While sheets turned on the
racks, people talked. The minutes of the tenants' union from those years {make mention of|mention} decisions "taken in
the laundry" {without giving any further explanation|without further comment}.

{When the gasworks were closed down|When the gasworks closed} in 1983, the water had to be heated with oil, and the
price of a bath rose from two coins to nine. Attendance {went down to a third|fell to a third}. A sauna was put in,
then a café; neither {brought the people back|brought people back}. The building was to be sold.

It was saved by a data centre. Since 2021 the racks of a hosting firm {on the other side of the street|across the
street} have warmed the pools, under a contract that {bears a remarkable resemblance to|closely resembles} the one of
1958. A bath costs {the equivalent of|about} two coins again.`,
		question: 'How has the building been heated over the years, and what followed from it?',
		answer: `Three ways, each with its consequences. At first "the gasworks next door offered its waste heat free of charge to anyone who had a use for it", which is why a half-built warehouse became a bath house at all. Then came oil: after the gasworks had closed in 1983, "the water had to be heated with oil, and the price of a bath rose from two coins to nine", and two thirds of the visitors stayed away. The third is the most recent. "Since 2021 the racks of a hosting firm on the other side of the street have warmed the pools", so waste heat pays for the baths once more.`,
	},
	{
		title: 'Report on the footbridge at Elm Weir',
		text: `
The footbridge at Elm Weir was inspected on 14 May. {An inspection of the deck was carried out|The deck was
inspected} from above and, with a boat, from below. Of 212 planks, nineteen {show signs of rot|are rotten} at the
ends, and four can be {pushed through by hand|pushed through}. These four were covered with steel plate {on the same
day|at once}.

The two steel girders {are in a good condition|are sound}. There is rust on the lower flange over a length of three
metres, where a drain {empties its water onto|drips onto} it; the loss of thickness is below one millimetre. The
drain {should be extended|must be extended} by half a metre. {With regard to the bearings|As for the bearings}, the
northern pair moves freely, and the southern pair is stuck, probably {since a long time|for years}.

The railing {does not comply with|falls short of} the present rules, which ask for 1.20 metres; it is 1.05 metres
high. {Since there are many children who|Since many children} cross here on their way to school, we recommend {that it
be raised|raising it} before September. The cost {is estimated at|will be about} 8,400, of which the district would
pay a third.

{It is our recommendation that the bridge remain open|The bridge can stay open} for pedestrians. Bicycles should be
pushed, {and a sign to this effect should be put up|and signs should say so}, until the planks have been replaced.
The next inspection {is to take place|is due} in six months.`,
		question: 'What is the condition of the bridge, and what has to be done?',
		answer: `The steel is fine and the wood is not. On the planks the report says: "Of 212 planks, nineteen show signs of rot at the ends, and four can be pushed through by hand." The girders "are in a good condition", apart from rust under a drain that is to be made longer. On the bearings, "the northern pair moves freely, and the southern pair is stuck". What has to be done before September is the railing, since it "does not comply with the present rules, which ask for 1.20 metres; it is 1.05 metres high". Until the planks are replaced, "bicycles should be pushed".`,
		account: `The footbridge at Elm Weir was inspected on {4|14} May. Of 212 planks nineteen are rotten at the ends, and {fourteen|four} can be pushed through; those were covered with steel plate. The two girders are sound, with some rust where a drain drips onto the lower flange. The {northern|southern} bearings are stuck. The railing is 1.05 metres high, while the rules ask for 1.20 metres, and it should be raised before {Christmas|September}, at a cost of about 8,400. The bridge can stay open for pedestrians, but bicycles should be pushed. The next inspection is due in six months.`,
		review: `Compared with the report: the date is 14 May; four planks can be pushed through, not fourteen; the southern bearings are the ones that are stuck; and the railing is to be raised before September.`,
	},
];
