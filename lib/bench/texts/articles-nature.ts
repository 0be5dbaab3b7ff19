import type { Article } from './articles.js';

/** Animals, plants, weather and water. */
export const nature: readonly Article[] = [
	{
		title: 'Swifts under the school roof',
		text: `
The swifts arrive in the first days of May, and {in the course of a single night|in a single night} the school roof
is full. They need a gap of three centimetres and {a free space of several metres|several metres of free air} below
it, because a swift does not hop off: it drops, and {is in flight after|flies after} half a metre.

When the roof was to be insulated, the caretaker, Mr. Demir, {had the idea of counting|thought of counting} the gaps.
There were thirty-one with droppings below them. He {made a drawing of each one|drew each one} on the plan of the
roofers, and it {turned out to be the case that|turned out that} twenty-six could stay if the boards were shortened
by a hand's breadth.

For the other five {there are now boxes|boxes were made} of larch with a slit at the bottom. The carpenter {insisted
on leaving them|left them} rough, since swifts have short legs and {are dependent on|need} something to cling to. In
the first year the boxes {remained without any inhabitants|stayed empty}; in the second, after recordings of calls had
been played at dawn, three pairs moved in.

The children {keep a record of|record} the first and the last day of every summer. {On an average|On average} the
birds stay for ninety-four days. Nobody has ever seen them leave, {in spite of the fact that|although} there was a
prize for it.`,
		name: ['Mr. Demir', 'Mr. Castellan'],
		question: 'What do swifts need, and how did the school provide for them?',
		answer: `Little, but exactly that. They "need a gap of three centimetres and a free space of several metres below it", and the reason is the way they start: "a swift does not hop off: it drops, and is in flight after half a metre". When the roof was renewed, most of the gaps were kept by shortening boards. "For the other five there are now boxes of larch with a slit at the bottom." They are rough inside, because swifts "have short legs and are dependent on something to cling to". It took patience all the same, and three pairs moved in only "after recordings of calls had been played at dawn".`,
		account: `Swifts come to the school roof in the first days of {April|May}. They need a gap of three centimetres with several metres of free air below it. Before the roof was insulated, the caretaker counted thirty-one gaps in use and drew them on the roofers' plan; {sixteen|twenty-six} of them could stay. For the other five, boxes of {pine|larch} were made, rough inside so that the birds can cling to them. They stayed empty in the first year. In the second, after calls had been played at {dusk|dawn}, three pairs moved in. The children record the first and the last day of every summer, and on average the birds stay for ninety-four days.`,
		review: `Four things do not agree with the article: the month is May; twenty-six gaps could stay; the boxes are of larch; and the recordings were played at dawn.`,
	},
	{
		title: 'How the river Asp got its bends back',
		text: `
In 1936 the river Asp was straightened over a length of nine kilometres. {The purpose of this was|The aim was} to
drain the meadows, and for some years it worked. Then the bed began to {dig itself deeper|cut deeper}, the
groundwater fell, and the meadows that {had been too wet before were now too dry|had been too wet were too dry}.

Engineers returned in 2009 with {the opposite intention|the opposite task}. They did not dig new bends. They {put
trunks of trees into|laid tree trunks in} the straight channel, alternately from the left and from the right, roots
upstream, and {left everything else to the water|left the rest to the water}. {At the beginning nothing could be
seen|At first nothing happened}. After the first winter flood the banks opposite the trunks had given way by as much
as four metres.

A farmer named Petra Holm {was in the position of having lost|had lost} a strip of pasture and asked for
compensation, which she {was given|received}. Two years later she asked whether {it would be possible to lose
more|she might lose more}, since the wet grass had carried her cattle through a drought.

The length of the river {has increased by|has grown by} eleven hundred metres so far. Grayling spawn on the gravel
below the second trunk. {What surprised everybody|What nobody expected} were the beavers, who added seven trunks {of
their own without having been asked|of their own}, all of them in the right places, {according to the opinion of the
engineers|as the engineers admit}.`,
		name: ['Petra Holm', 'Anja Sand'],
		question: 'Why did the straight river fail, and how was it made to bend again?',
		answer: `The straightening defeated its own purpose. After some good years "the bed began to dig itself deeper, the groundwater fell, and the meadows that had been too wet before were now too dry". The repair relied on the river itself. The engineers did not dig; they "put trunks of trees into the straight channel, alternately from the left and from the right, roots upstream, and left everything else to the water". One flood was enough to show that it worked, for afterwards "the banks opposite the trunks had given way by as much as four metres". Help came from beavers as well, "who added seven trunks of their own without having been asked".`,
	},
	{
		title: 'A garden without watering',
		text: `
Lena Brandt has not watered her garden {for a period of six years|for six years}. It lies on sand, in a region with
{less than|under} five hundred millimetres of rain, and it is green in August. She {does not think of this as|does not call this} a secret: {she says that|she says} she merely stopped doing three things.

First she stopped digging. Dug soil {loses its moisture faster|dries faster}, and the worms that make channels for
the rain {are cut into pieces|are cut up}. Instead she {covers the ground with a layer of|mulches with} hay as thick
as a hand, twice a year, and {plants directly into it|plants into it}. Slugs {were a problem in the first two
years|were a plague for two years}, until the beetles had arrived that eat them.

{The second thing she stopped was|Second, she stopped} buying plants from catalogues. She sowed forty kinds and kept
what {survived without any help|survived}. Tomatoes did, to her surprise: {if they are sown on the spot|sown on the
spot} and never moved, they send a root down by a metre and a half. {On the other hand|But} celery, lettuce in summer
and anything with large soft leaves {had to be given up|had to go}.

And third, she stopped {being tidy|tidying}. Hedges keep the wind away, fallen branches hold dew, and the corner with
the nettles {is the place where|is where} the soil stays wet longest. {Visitors sometimes make the remark|Visitors
sometimes remark} that it looks neglected. She {then gives them something to eat|then feeds them}.`,
		name: ['Lena Brandt', 'Eva Torres'],
		question: 'Which three habits did the gardener give up, and why?',
		answer: `Digging, catalogue plants and tidiness. On digging the text explains that "dug soil loses its moisture faster, and the worms that make channels for the rain are cut into pieces". Hay takes its place. As for plants, she let the garden choose: "She sowed forty kinds and kept what survived without any help." Tomatoes were among them, since "if they are sown on the spot and never moved, they send a root down by a metre and a half". The third is a matter of looks, though it has its uses, too: "Hedges keep the wind away, fallen branches hold dew, and the corner with the nettles is the place where the soil stays wet longest."`,
		account: `Lena Brandt has not watered her garden for {sixteen|six} years, although it lies on sand in a dry region. She stopped three things. She no longer digs, because dug soil dries faster, and covers the ground with {straw|hay} twice a year instead; slugs were a problem until {hedgehogs|beetles} came that eat them. She no longer buys plants from catalogues but sowed forty kinds and kept what survived. Tomatoes, sown on the spot, send a root down by a metre and a half, while {beans|celery} and summer lettuce had to be given up. And she no longer tidies, since hedges, fallen branches and nettles keep the soil wet.`,
		review: `I see four slips in this account. It has been six years; the mulch is hay, not straw; the slugs are eaten by beetles; and it was celery, not beans, that had to go.`,
	},
	{
		title: 'Fog harvest on the plateau',
		text: `
On the plateau of San Telmo it rains {on about twelve days|twelve days} a year, but fog comes in from the sea on two
hundred nights. The school has caught it since 2012. Twelve nets, four metres by eight, {have been put up|stand} on
the ridge {at a right angle to|across} the wind, and a gutter below each {carries away the drops|takes the drops}
that run together in the mesh.

A good night brings six litres {for each square metre|a square metre}, a bad one nothing. {Taken over the whole
year|Over the year} it is enough for three hundred people, {provided that they wash themselves|if they wash}
sparingly. The mesh is an ordinary shade cloth {of the kind that is used by|as used by} fruit growers; finer nets
catch more, but they {have a tendency to tear|tear} and let the drops be blown off again.

{The maintenance is in the hands of|Maintenance is up to} the two upper classes. They replace cords, brush off dust
and {write down the quantity every morning|note the quantity each morning}. {From these records it can be seen
that|Their records show that} the fog has become rarer in January and {more frequent|commoner} in May. A university
asked for the notebooks, and the teacher, Soledad Rey, {sent copies of them|sent copies} {under the condition
that|provided} the pupils were named as authors.

{What has not been solved as yet is|Still unsolved is} the salt. After storms the water tastes of it, {and for that
reason|so} the first hour of every night runs into the garden, where {beets have been planted|they grow beets}, which
do not mind.`,
		question: 'How is the fog caught, and what have the pupils found out?',
		answer: `With nets across the wind. According to the article "a gutter below each carries away the drops that run together in the mesh", and the mesh itself is plain shade cloth; "finer nets catch more, but they have a tendency to tear and let the drops be blown off again". The yield varies from night to night, between six litres a square metre and nothing. What the pupils found out comes from their daily notes: "From these records it can be seen that the fog has become rarer in January and more frequent in May." A university wanted the notebooks, and got them "under the condition that the pupils were named as authors".`,
	},
	{
		title: 'The oldest pear tree in the county',
		text: `
The pear tree behind the smithy in Ashby {is said to be|is thought to be} three hundred and forty years old. It is
hollow, and {a grown person can stand upright in it|a grown man can stand in it}. What carries the crown is a shell
{that is nowhere thicker than|nowhere thicker than} a hand, and a second trunk, which has grown down through the
hollow from above and {has struck roots|taken root} in the rot of the first.

The variety has no name. {Its fruits are small in size|The fruits are small}, green, and so hard in October that
{nobody would think of eating them|nobody would eat them}. Laid in straw until February, they turn brown and {taste
similar to honey|taste of honey}. {The people in the village have always|The village has always} called them smith's
pears and given them to children who had a cough.

In 1988 a storm {broke off the largest of the branches|broke the largest branch}. The pomologist who came to look
{took cuttings in the amount of forty|took forty cuttings} and sent them to gardens in six countries. {Of these
there are twenty-nine that|Twenty-nine of them} have grown, and their owners write to each other every spring {about
the date on which|to say when} theirs came into flower.

{A support made of steel has been|A steel support was} offered twice and refused twice. The smith's widow, {to whom
the ground belongs|who owns the ground}, {holds the opinion that|holds that} a tree which has mended itself once
should not be {interfered with|disturbed}.`,
		question: 'In what state is the tree, and how has its variety been preserved?',
		answer: `It is a shell with a new tree inside. "What carries the crown is a shell that is nowhere thicker than a hand, and a second trunk, which has grown down through the hollow from above and has struck roots in the rot of the first." The variety, known only as smith's pears, was saved by chance: after the storm of 1988 a pomologist "took cuttings in the amount of forty and sent them to gardens in six countries". Most of those took. On the old tree itself nothing is to be done if the owner has her way, who "holds the opinion that a tree which has mended itself once should not be interfered with".`,
		account: `The pear tree behind the {bakery|smithy} in Ashby is thought to be three hundred and forty years old. It is hollow; its crown is carried by a thin shell and by a second trunk that grew down from above and took root inside. The fruits are hard in October and taste of {almonds|honey} in February, after months in straw. After a storm broke the largest branch in {1998|1988}, a pomologist took forty cuttings and sent them to gardens in six countries, of which {nineteen|twenty-nine} have grown. A steel support was offered twice and refused twice by the smith's widow, who owns the ground.`,
		review: `The tree stands behind the smithy, not behind a bakery. The pears taste of honey. The storm was in 1988. And twenty-nine cuttings have grown, not nineteen.`,
	},
	{
		title: 'Listening to ice',
		text: `
Before a lake can be walked on, it {can be heard|is heard}. Young ice is elastic; it sings in long falling tones that
{run from one shore to the other|run from shore to shore}, because high notes travel faster in a thin plate than low
ones. {The thinner the ice is, the higher is the note|The thinner the ice, the higher the note} that arrives first.

Skaters in the north have {made use of this for a long time|long used this}. They throw a stone ahead of them and
listen. A short bright chirp means five centimetres, {which is sufficient for one person|enough for one person}; a
dull knock means ten. {In the absence of any sound|If there is no sound}, they turn round. Ingrid Solberg, who {gives
courses on the subject|teaches this}, {has the participants close their eyes|has people close their eyes} for the
first half hour.

She warns {of trusting the ear alone|against trusting the ear alone}. Snow swallows the tone, and {ice that has
formed out of slush|ice made of slush} sounds thick and is not. Near inlets {the thickness can change|thickness can
change} within two steps. So she {carries along|carries} a pike, a rope and dry clothes in a bag that floats, {and
she also makes a test by|and tests by} striking twice with the pike wherever the colour {is different|changes}.

{As far as the accidents are concerned|As for accidents}, most happen in March, when the ice is {at its
thickest|thickest}. It is then made of upright needles with water in between, {and it gives way without making any
noise|and gives way in silence}.`,
		name: ['Ingrid Solberg', 'Kaisa Lund'],
		question: 'How do skaters judge ice by its sound, and when does that fail?',
		answer: `They throw a stone and listen to the pitch. The principle is simple: "The thinner the ice is, the higher is the note that arrives first." In practice "a short bright chirp means five centimetres, which is sufficient for one person; a dull knock means ten". The method fails in several cases. "Snow swallows the tone, and ice that has formed out of slush sounds thick and is not." It also fails in spring, when ice consists of needles with water between them "and it gives way without making any noise". That is why the teacher in the text brings a pike, a rope and dry clothes.`,
	},
	{
		title: 'Bees on the courthouse',
		text: `
Since last spring four colonies of bees {have been living|live} on the roof of the courthouse. {The idea came
from|The idea was that of} a judge, Amara Nwosu, who keeps bees at home and {had noticed that|noticed that} the lime
trees in the courtyard were {not visited by anything at all|visited by nothing}.

{There were some objections from the side of the administration|The administration objected}. Prisoners are led
across the yard, and {a person who is in handcuffs|a handcuffed person} cannot brush off a bee. The hives were
therefore {set up on the south side|put on the south side}, behind a hedge of privet two metres high, which the bees
{have to fly over|must clear}; by the time they reach the yard they are above {everybody's head|all heads}. In
eighteen months {there has been one sting|one sting was reported}, to the judge.

The harvest was ninety-six kilograms, {which is more than the average|above the average} in the surrounding villages.
{This is not as surprising as it may seem|That is less odd than it seems}. {In the city there is something in
flower|Something flowers in the city} from March to October, limes, chestnuts, ivy, {and there is no use of|and
nobody uses} sprays. The honey {has been analysed and was found to be free|was found free} of metals.

It is sold at the information desk, {in jars with a label on which|in jars whose label} the scales of justice weigh a
bee against a flower. {The proceeds are intended for|The money goes to} the fund for interpreters.`,
		question: 'What speaks for bees on the roof, and how are people in the yard protected?',
		answer: `The city turns out to be good bee country. The harvest "was ninety-six kilograms, which is more than the average in the surrounding villages", and the text explains it by the long season: "In the city there is something in flower from March to October". Safety was the objection, because "a person who is in handcuffs cannot brush off a bee". The answer was a hedge of two metres "which the bees have to fly over; by the time they reach the yard they are above everybody's head". It seems to work, as the only sting in eighteen months went to the judge who had the idea.`,
		account: `Four colonies of bees live on the roof of the {town hall|courthouse}, at the suggestion of the judge Amara Nwosu. The administration objected, since prisoners are led across the yard. The hives were therefore put on the {north|south} side behind a hedge two metres high, so that the bees fly above all heads. There was {no sting at all|one sting, to the judge,} in eighteen months. The harvest of {sixty-nine|ninety-six} kilograms was above the average of the villages around, because something flowers in the city from March to October and nobody sprays. The honey is free of metals and is sold at the information desk, for the fund for interpreters.`,
		review: `Not everything is right: the building is the courthouse, the hives stand on the south side, one sting was reported (to the judge herself), and the harvest was ninety-six kilograms.`,
	},
	{
		title: 'A year of measuring one puddle',
		text: `
The puddle {is situated|lies} at the corner of Dyer Street and the canal. It is four metres long {when it is full|when
full}, and for a year the pupils of class 7b {have visited it on every school day|visited it every school day}. They
{carried out measurements of|measured} its length, depth and temperature, {and they took|and took} one spoonful of
water for the microscope.

In October there was {nothing in it apart from|nothing in it but} leaves and a glove. {After a time of three
weeks|After three weeks} the first rotifers turned, {which must have arrived|probably come} as dust. {In the month of
December|In December} the puddle froze to the ground; when it thawed, {it was possible to see that|it was clear that}
the animals had {survived it without any damage|survived}. A boy named Yusuf {put forward the theory|suggested} that
they had been asleep, {and this is correct|which is right}.

The summer was {of more difficulty|harder}. The puddle dried up eleven times. {Each of these times the class made a
note of|Each time the class noted} how long it stayed dry and what came back. {After a duration of forty
days|After forty days} it was still nearly everything, {with the exception of|except} the water fleas, which had to be
brought again by {the ducks, in all probability|ducks, presumably}.

{The number of species that were counted amounts to|They counted} forty-three species. The city, which {had the
intention of|meant to} fill the hollow with asphalt, {has been persuaded to put it off|has put it off}. There is now a
sign: please {do not repair|leave unrepaired}.`,
		question: 'What happened to the animals of the puddle in winter and in summer?',
		answer: `They proved hard to kill. The first ones, rotifers, came as dust. In winter "the puddle froze to the ground; when it thawed, it was possible to see that the animals had survived it without any damage". A pupil thought that they had been asleep, and the text confirms it. Drought was the harder test: "The puddle dried up eleven times." Even so, after forty days without water "it was still nearly everything, with the exception of the water fleas, which had to be brought again by the ducks, in all probability". In the end the class counted forty-three species, and the city spared the hollow.`,
	},
	{
		title: 'What the tide leaves at Skerry Bay',
		text: `
Every low tide uncovers {about two kilometres of sand|two kilometres of sand} at Skerry Bay, and every low tide
somebody walks along it {with a notebook in the hand|with a notebook}. The survey {was started in|began in} 1979 by a
retired customs officer, Hugh Mallory, who {was accustomed to writing lists|was used to writing lists}. It has been
{carried on without any interruption|continued} by his neighbours.

The entries {are of a very simple nature|are simple}: date, weather, what, how much. In the seventies {it was above
all glass floats|it was mostly glass floats}, ropes and crates. From 1985 {onwards there is|on there is} more and more
plastic, and since 2003 there have been coloured pellets {the size of a lentil|like lentils}, which the notebook calls
"sweets" {for a whole year|for a year} until {someone found out what they were|someone knew better}.

{Some of the finds cannot be explained|Some finds remain unexplained}. In the winter of 1996 eleven left gloves {came
ashore|were washed up} within a week. A piano lid lay on the sand {for the duration of one tide|for one tide} and was
gone with the next. The oranges of February 2014, several thousands, came from a container; they {were still good
to eat|were still edible} and, {in the words of the notebook|as the notebook has it}, "salted on the outside only".

Oceanographers {have become interested in|now use} the lists, for nobody else {has been counting for so long a
time|has counted for so long}. They {come to the conclusion|conclude} that the current in front of the bay has
turned by {a few degrees|some degrees} towards the south.`,
		name: ['Hugh Mallory', 'Peter Ashdown'],
		question: 'What do the notebooks record, and why do scientists value them?',
		answer: `Whatever the sea brings. The entries "are of a very simple nature: date, weather, what, how much". Over the decades they show how rubbish changes, from glass floats in the seventies to plastic: "From 1985 onwards there is more and more plastic, and since 2003 there have been coloured pellets the size of a lentil". There are riddles as well, such as the week in which "eleven left gloves came ashore". Scientists value the length of the series, "for nobody else has been counting for so long a time", and draw a conclusion about the current from it, which has turned slightly towards the south.`,
		account: `At Skerry Bay somebody walks along the sand with a notebook at every {high|low} tide. The survey was begun in {1997|1979} by Hugh Mallory, a retired {harbour master|customs officer}, and his neighbours have continued it. The entries give date, weather, what was found and how much. In the seventies there were mostly glass floats, ropes and crates; since 1985 there is more and more plastic, and since 2003 small coloured pellets. Some finds are unexplained, such as eleven left gloves in one week. Several thousand {lemons|oranges} came from a container in 2014. Oceanographers conclude from the lists that the current in front of the bay has turned a little to the south.`,
		review: `There are four errors: the walks take place at low tide; the survey began in 1979; its founder was a customs officer; and the fruit of 2014 were oranges.`,
	},
];
