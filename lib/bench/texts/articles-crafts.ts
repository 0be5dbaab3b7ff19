import type { Article } from './articles.js';

/** How things are made, mended and played. */
export const crafts: readonly Article[] = [
	{
		title: 'Sharpening a hand saw',
		text: `
A dull saw {can be recognised by the fact that|shows itself:} it wanders and has to be pushed. Hold it against the
light. {If there are bright points to be seen|If bright points show} at the tips of the teeth, the tips are round, and
no amount of pressure {will be able to replace|will replace} what is missing.

{To begin with|First}, clamp the blade between two boards so that only the teeth {stick out of them|stick out}. {It is
necessary that all the teeth be of|All teeth must have} the same height: draw a flat file along the whole length until
every tip has a {small shiny spot|shiny spot}. This is called jointing, and {it is the step that is most
frequently|it is the step most often} left out.

Now take a three-cornered file {whose size is such that|so large that} its face is twice as high as a tooth. Lay it
into the gap and push, {without exerting any pressure|without pressure}, two or three times, {always the same number
of times|always as often} for each gap, until the shiny spot {has just disappeared|is just gone}. {In the case of|For}
a rip saw the file stays square to the blade; for a crosscut saw it is turned by about twenty degrees, {first for
every second tooth|first for every other tooth} from one side, and then from the other.

{At the very end the teeth have to be set|Last, set the teeth}: bend them outward, one left, one right, by {not more
than|at most} a third of the thickness of the blade. Too much set makes a wide kerf, {and the saw will wander|and the
saw wanders} {again as before|again}. {It is advisable to try it out|Try it} in a piece of scrap before the good board.`,
		question: 'Which step is often left out, and how is the file held for the two kinds of saw?',
		answer: `The step is jointing, in which you "draw a flat file along the whole length until every tip has a small shiny spot". The text stresses that "it is the step that is most frequently left out", although without it the teeth differ in height. The angle depends on the saw. In the case of a rip saw "the file stays square to the blade; for a crosscut saw it is turned by about twenty degrees, first for every second tooth from one side, and then from the other". In both cases each gap gets the same number of strokes, "until the shiny spot has just disappeared".`,
	},
	{
		title: 'The organ in the gymnasium',
		text: `
The organ was built for a cinema, and {it has spent more time|has spent more time} in crates than in use. When the
Palace closed in 1934, a school in the suburbs {made a bid for it|bid for it}, the only one, and got it for {the price
of its transport|the cost of transport}. The gymnasium was {the only room that was large enough|the only room large
enough}.

Since then gymnastics and music {have had to come to terms|have had to get along}. The console stands on wheels behind
the vaulting horses. The pipes {have been placed above|are above} the climbing bars, behind a net, {because of the
fact that|because} balls {had a way of ending up|ended up} in the sixteen-foot rank; a football from 1952, which
lowered the bottom D by {nearly a half tone|nearly a semitone}, {has been kept as a souvenir|is kept in a case}.

{What makes the instrument special is|The instrument's pride is} its effects: rain, a siren, horses on cobbles,
{and a bird that is made out of|and a bird made of} a whistle in a cup of water. The cup has to be {filled up again
before every concert|refilled before each concert}. The caretaker's son, Tobias Lang, is {the one who knows how|the one
who can do this} without {the lights having to be switched off|switching off the lights}.

For the restoration {it will be necessary to take out|they must take out} 1,128 pipes. Each class {has taken over the
responsibility for|looks after} one rank and {will be allowed to decide|may decide} about one new effect. {At the
moment there is a majority in favour of|At present most want} a notification sound.`,
		name: ['Tobias Lang', 'Martin Keel'],
		question: 'How did the organ come to the school, and what trouble do balls make?',
		answer: `It came cheaply. The cinema for which it was built closed in 1934, and the school "made a bid for it, the only one, and got it for the price of its transport". Since the gymnasium was big enough, it has been there from then on. That has its price: the pipes sit behind a net "because of the fact that balls had a way of ending up in the sixteen-foot rank". The best story is that of a football, "which lowered the bottom D by nearly a half tone, has been kept as a souvenir". The restoration that is coming will take out all pipes, and each class looks after a rank.`,
		account: `The organ was built for a {church|cinema} that closed in 1934. A school in the suburbs was the only bidder and paid no more than the transport. Because the {assembly hall|gymnasium} was the only room large enough, the pipes are above the climbing bars, behind a net that keeps balls out; a football from {1962|1952} had lowered the bottom D by nearly a semitone. The pride of the instrument are its effects, among them rain, a siren, horses on cobbles and a bird. For the restoration {1,218|1,128} pipes must be taken out. Each class looks after one rank and may decide about one new effect.`,
		review: `Looking at the source again, the organ was made for a cinema, it stands in the gymnasium, the football is from 1952, and there are 1,128 pipes.`,
	},
	{
		title: 'Bread without a recipe',
		text: `
Most recipes for bread {give the quantities with great precision|give exact quantities} and are silent about {the
thing that matters most|what matters most}, which is time. Flour from a new harvest {takes up less water|takes less
water} than flour of last year; a kitchen in January {is a different matter from|is not} a kitchen in July. Whoever
{follows the numbers|obeys the numbers} gets a different bread each time.

{What is necessary is to look|You need to look}. Mix flour, water and salt {in such a way that|so that} the dough just
does not run off the spoon, add a piece of the last dough, and {do not do anything for half an hour|wait half an hour}.
Then pull it up at one side and {fold it over to the other|fold it over}, four times round. {Repeat this as soon
as|Repeat when} the dough has gone flat again. {After it has been done for three or four times|After three or four
rounds} it will stand by itself, and that, {not the time on the clock|not the clock}, is {the sign that one waits
for|the sign}.

The second sign is the finger. Press it in {to a depth of one centimetre|one centimetre deep}. If the dent {fills up
again immediately|fills at once}, the bread needs more time; if it {does not fill up at all|stays}, the bread has had
too much. {What one wants is that it fills up slowly|It should fill slowly}, and not quite.

{With respect to the oven|As for the oven}, hotter is better than most people dare. {The first ten minutes should be
done with|Give it ten minutes of} steam, and the rest without. The bread is done {when a knock on its underside
produces a hollow sound|when it sounds hollow from below}. {It should not be cut while it is|Do not cut it} warm,
{although everybody does it|though everybody does}.`,
		question: 'By which signs does the baker know that the dough and the bread are ready?',
		answer: `By three signs, none of them on the clock. While folding, one waits until the dough holds: after some rounds "it will stand by itself, and that, not the time on the clock, is the sign that one waits for". Before baking comes the finger test, a dent of a centimetre. "If the dent fills up again immediately, the bread needs more time; if it does not fill up at all, the bread has had too much." And in the oven the ear decides, as the bread is done "when a knock on its underside produces a hollow sound". Recipes, the author complains, are silent about all this.`,
	},
	{
		title: 'Repair evening, third floor',
		text: `
On the first Tuesday of the month {it is possible to bring|people may bring} broken things to the third floor of the
old mill. {There are eight tables in total|There are eight tables}, and at each sits somebody who {knows how to do
something|can do something}: solder, sew, read a circuit, {bring a zip back to life|revive a zip}. Repairs cost
nothing. {The condition is that one remains|You must stay} at the table and hold the lamp.

{In the previous year|Last year} 640 objects were brought, and 418 left {in a working condition|in working order}. The
commonest fault {of all is|is} a cable that has broken {at the point where it enters|where it enters} the plug. Second
are toasters, {in the majority of cases because of|mostly because of} crumbs. {Third place is taken by|Third come}
things that {do not have any fault|have no fault} but whose owner {had not found the switch|had missed the switch}.

{Whatever could not be repaired is|What cannot be mended is} entered into a list with the reason. It says "glued"
{more frequently than anything else|more often than anything}; then "no spare part", then "costs more than new". A
manufacturer of kettles {has asked to receive|asked for} the list every quarter, and its new model {is held together
by|has} three screws.

Frida Olsen, who {was among the people who founded|co-founded} the evening, {is of the opinion that|thinks} the
repairs are a pretext. {The real product, according to her, is|The real product, she says, is} that somebody who has
{seen the inside of a radio once|once looked into a radio} {will never again believe that it is|no longer believes in}
magic.`,
		name: ['Frida Olsen', 'Nora Weiss'],
		question: 'Which faults are common, and what becomes of things that cannot be repaired?',
		answer: `The list is led by plugs. "The commonest fault of all is a cable that has broken at the point where it enters the plug", toasters full of crumbs come second, and third are objects "that do not have any fault but whose owner had not found the switch". Of 640 objects in a year, 418 could be saved. The others are recorded: whatever cannot be repaired "is entered into a list with the reason. It says "glued" more frequently than anything else". The list has had an effect on at least one product, since a maker of kettles reads it, "and its new model is held together by three screws".`,
		account: `On the first {Thursday|Tuesday} of the month people may bring broken things to the third floor of the old mill, where helpers sit at eight tables. Repairs cost nothing, but one has to stay and hold the lamp. Last year 640 objects were brought and {481|418} left in working order. The commonest fault is a cable broken at the plug; second are {kettles|toasters}, mostly because of crumbs. What cannot be mended goes into a list with the reason, most often "{no spare part|glued}". A manufacturer of kettles asked for the list, and its new model has three screws. Frida Olsen thinks that the repairs are a pretext.`,
		review: `Four corrections are needed: the day is Tuesday, 418 objects left in working order, toasters are in second place, and the reason given most often is "glued".`,
	},
	{
		title: 'How a globe is covered',
		text: `
A globe begins as a ball of plaster and ends as {a ball made of paper|paper}. In between lies a problem that {cannot be
solved|has no solution}: a flat sheet does not fit on a sphere. {The solution that has been in use since|What has been
done since} the sixteenth century is to print the map in twelve pointed strips, called gores, {each of which covers|each
covering} thirty degrees, and to {stretch them a little|stretch them} in the middle while they are wet.

{It is here that the skill comes in|This takes skill}. Paper, when wet, grows by two percent {across the
direction of its fibres|across its fibres} and by half a percent along them. The gores {have to be cut in such a manner that|are
cut so that} the fibres run from pole to pole. The covering, Ruben Haas explains, is {done from the equator towards the
poles|done from the equator outward}, with the ball of the thumb, and {one has a time of about|one has about} forty
seconds before the paste {takes hold|grips}.

A mistake of a millimetre {at the first gore|in the first gore} is one of twelve at the last. {For this reason he
begins|So he begins} in the Pacific, {where nobody will notice it|where nobody notices}, and {keeps the last gore for|ends
in} the Pacific, too. {It is said that there are globes|There are globes} from the seventeenth century in which an
island {exists in two copies|appears twice}, {due to an overlap|owing to an overlap}.

The varnish {requires more time than everything else|takes longest}: nine coats, each of which {has to dry for two
days|dries two days}. {What he likes best|Best of all} is the moment when the ball {is hung into|is hung in} its
meridian and turns, {since it is not until then that one can see|for only then one sees} whether it was round.`,
		name: ['Ruben Haas', 'Daniel Frey'],
		question: 'Why is covering a globe difficult, and where does the maker begin?',
		answer: `Because "a flat sheet does not fit on a sphere". The map is printed in twelve gores that are stretched while wet, and wet paper is unruly: it "grows by two percent across the direction of its fibres and by half a percent along them". There is little time, too, about forty seconds until the paste grips. The maker begins in the Pacific, for a good reason. Errors add up, since "a mistake of a millimetre at the first gore is one of twelve at the last", and out there they are hidden: he starts "where nobody will notice it, and keeps the last gore for the Pacific, too".`,
	},
	{
		title: 'Rules of a game played on stairs',
		text: `
The game {does not have a name|has no name}. It {is played by|needs} two to five children, a staircase with {at least
nine steps|nine steps or more}, and one die. {At the start of the game|At first} everybody stands at the bottom. Who
throws a number {goes up by so many steps|climbs so many steps}, but {it is not allowed that two players|no two players
may} stand on the same step: who arrives at a step {that is already taken|that is taken} sends the other {back to the
bottom|to the bottom}.

{So far this is nothing special|So far, so ordinary}. The staircase becomes interesting {because of the rule
that|because} anybody may, {instead of throwing the die|instead of throwing}, make an offer. An offer is a sentence
{which begins with|beginning with} "I let you". I let you pass, if you carry my bag tomorrow. {The other player has the choice of accepting or
throwing|The other may accept or throw}. Offers {that have been accepted are valid|once accepted are valid}
until Friday.

The rules were {written down for the first time|first written down} by a teacher, Olive Marsh, who {had been wondering
about|wondered about} the many bags. She {came across eleven variants|found eleven variants} in a single school. {In
some of them|In some} the top step is a bank; {in one of them|in one}, promises can be {passed on to another
person|handed on}, and {it happened that a boy|one boy} in the third year held {the debts of half of the class|half the
class in debt}.

{This came to an end by itself|That ended by itself}. The others {no longer played with him|stopped playing with him},
and {as a result of this his promises|so his promises} {were not worth anything any more|were worthless}. {Mrs. Marsh
has since been using the story|The story is used} in economics lessons, {in which it saves her|where it saves} two
chapters.`,
		question: 'What makes the game more than a race, and what went wrong with the debts?',
		answer: `The offers do. Instead of throwing, a player may propose a bargain, and "an offer is a sentence which begins with "I let you"". The text gives an example: "I let you pass, if you carry my bag tomorrow." Such promises stay "valid until Friday". What went wrong is a small banking crisis. In one variant promises could be handed on, "and it happened that a boy in the third year held the debts of half of the class". It solved itself, because "the others no longer played with him", which made his claims worthless. The teacher finds that the story spares her two chapters of economics.`,
		account: `The game on the stairs has no name. Two to {nine|five} children need a staircase with nine steps or more and one die. No two players may stand on the same step; who arrives at a taken step sends the other {one step back|to the bottom}. Instead of throwing, a player may make an offer that begins with "I let you", and offers that were accepted are valid until {Sunday|Friday}. The teacher Olive Marsh found {seven|eleven} variants in a single school. In one of them promises could be handed on, until a boy held half the class in debt and the others stopped playing with him. The story is used in economics lessons.`,
		review: `Against the text: up to five children play, the other player goes back to the bottom, the offers hold until Friday, and there were eleven variants.`,
	},
	{
		title: 'The tuner’s notebook',
		text: `
Piano tuners hear {things that are not meant for them|what is not meant for them}. They come when the house is quiet,
and {they are alone in a room|are alone in a room} for two hours with {the place where a family puts its
photographs|a family's photographs}. Elias Moreau, who {has been tuning pianos for|has tuned for} thirty-eight years, has kept a
notebook {from the first day on|from the first day}, and it {contains not one word about|says nothing of} people.

It is about rooms. {He makes a note of|He notes} where the piano stands, how far from the window, what is {underneath
it|below it}, and by how much each octave {has gone down since the last time|has sunk since last time}. {After some
years a pattern became visible|In time a pattern showed}. Pianos {that stand at an outer wall|at an outer wall} lose in
the treble, those {that are above a heating pipe|above a heating pipe} in the bass. {In houses where there are
dogs|Where there are dogs}, the lower octaves hold {better than in others|better}; he has {a theory concerning
that|a theory}, which {has to do with doors|involves doors}.

{On the basis of the notebook|By the notebook} he is able to say, {before he has touched a key|before touching a key},
what he {is going to find|will find}. Once he {was wrong by a great deal|was far wrong}: a grand piano in a bank's hall
was {a whole tone too low|a whole tone flat} after six months. {The cause of it was|The cause was} the air
conditioning, which a new manager {let run at night|ran at night}. The bank {did not pay any attention|took no notice}
until the parquet rose.

He {intends to leave the notebooks|will leave the notebooks}, of which there are fourteen, to a school of
architecture. {In his opinion they would learn|They might learn}, he says, that a room {is a thing that moves|moves}.`,
		question: 'What does the tuner write down, and what did he learn about rooms?',
		answer: `Nothing about people, although he hears a lot. He writes down "where the piano stands, how far from the window, what is underneath it, and by how much each octave has gone down since the last time". What he learnt is that position shows: "Pianos that stand at an outer wall lose in the treble, those that are above a heating pipe in the bass." He can even predict the state of a piano before touching it. The exception taught something, too, when a grand piano in a bank "was a whole tone too low after six months" because somebody let the air conditioning run at night.`,
	},
	{
		title: 'Setting type by hand, a first lesson',
		text: `
The case has a place for every letter, {and these places are not in alphabetical order|not in alphabetical order}. The
e {has the largest compartment|has the largest box}, in the middle, {where the hand comes to rest|where the hand
rests}; the z is {at the outermost edge|at the edge}. {For the first few weeks|For the first weeks} a beginner looks.
{After that he or she reaches|Then the hand reaches}.

Hold the composing stick in the left hand, {with the open side facing away from you|open side away from you}, and set
from left to right, {with the letters upside down|letters upside down}. {Every piece of type has a notch|Each type has
a notch}, the nick, on the side of its foot: {as long as all the nicks can be seen|if all nicks show}, no letter is
{the wrong way round|turned}. Read the line {in the form in which it stands|as it stands}; {the eye gets used to it
in less time than one believes|the eye learns it soon}.

A line is {hardly ever exactly full|hardly ever full}. {The remaining space has to be|The rest is} shared out between
the words, first {with the thinnest of the spaces|with thin spaces}, and {always in the same sequence|always in one
order}: after commas, then before tall letters, then {anywhere else|elsewhere}. The line is right {if it stands by
itself|when it stands by itself} in the stick and {can nevertheless be moved|still moves} with a thumb. If you {have to
use force|must force it}, it is too tight, {and it will bend the page|and will bend the page}.

When {the printing has been done|the page is printed}, everything {is put back into the case|goes back into the case},
letter by letter. {Beginners are of the opinion that this is|Beginners think this} a punishment. It is {in reality the
actual lesson|the real lesson}, because {whoever has distributed a page|who has distributed a page} knows {where each
thing is|the case}.`,
		question: 'How does a beginner know that no letter is turned, and when is a line right?',
		answer: `By the nick. "Every piece of type has a notch, the nick, on the side of its foot: as long as all the nicks can be seen, no letter is the wrong way round." So a glance along the stick is enough. For the line there is a rule as well, namely that it "is right if it stands by itself in the stick and can nevertheless be moved with a thumb". Too tight is worse than it looks: "If you have to use force, it is too tight, and it will bend the page." Spare space goes between the words, in a fixed order that begins after commas.`,
		account: `In the type case the {a|e} has the largest box, in the middle, and the z is at the edge. The composing stick is held in the {right|left} hand and set from left to right, with the letters upside down. If all nicks show, no letter is turned. The rest of a line is shared out between the words, first after {full stops|commas}, then before tall letters, then elsewhere. A line is right when it stands by itself and can still be moved with a {finger nail|thumb}. After printing, every letter goes back into the case, which is the real lesson, because it teaches where each thing is.`,
		review: `Small but real errors: the largest box belongs to the e, the stick is held in the left hand, spaces go after commas first, and the line is tested with the thumb.`,
	},
	{
		title: 'Kites over the gravel pit',
		text: `
{There is wind at the gravel pit|The gravel pit has wind} when there is none {anywhere else|elsewhere}. The walls,
twenty metres high, {catch the air that comes|catch the air} from the plain and send it upwards, and {it was because
of this that|so} the kite club chose it. {On Sundays it happens that|On Sundays} there are sixty kites in the air and
{not a single line crosses another|no line crosses another}, {which is a matter of rules|thanks to rules}.

The rules {fit on the back of a membership card|fit on a membership card}. Large kites {are flown on the west
side|fly in the west}, small ones in the east. {Whoever comes last has to stand|Who comes last stands} furthest
downwind. {It is the duty of those who have|Those who have} two lines {to give way to those with one|give way to
those with one}. And nobody {is allowed to let go|lets go}, {no matter what happens|whatever happens}: in 2006 a
runaway kite {caused a power failure in three villages|cut the power of three villages}.

Sanna Virtanen {builds kites out of|builds kites from} what others {have thrown away|throw away}. {One of them
consists of|One is made of} umbrellas, {of which there are seventeen|seventeen of them}, sewn together at the ribs; it
{needs a strong wind in order to rise|rises only in strong wind} and folds itself when the wind drops. Another, of
bread bags, weighs {less than a hundred grams|under a hundred grams} and {remains in the air over a candle|flies over a
candle}.

The owner of the pit {would like to have it filled|wants to fill the pit}, {and has a contract for it|by contract}, in
2030. {Until that time|Until then} he comes on Sundays, too. His kite is a plain red diamond, {of the sort that
children have|such as children have}, and he {is in the habit of flying it|flies it} in the east.`,
		name: ['Sanna Virtanen', 'Ida Korhonen'],
		question: 'Why is the pit good for kites, and which rules keep the lines apart?',
		answer: `Because of its walls, which "catch the air that comes from the plain and send it upwards". With sixty kites at a time there have to be rules. Space is divided, since "large kites are flown on the west side, small ones in the east", and so are rights: "Whoever comes last has to stand furthest downwind. It is the duty of those who have two lines to give way to those with one." The most important is never to let go, which has a history: "in 2006 a runaway kite caused a power failure in three villages". How long all this will last depends on the contract to fill the pit.`,
	},
];
