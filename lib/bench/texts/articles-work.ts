import type { Article } from './articles.js';

/** Offices, projects, machines and their manuals. */
export const work: readonly Article[] = [
	{
		title: 'What we learnt from the outage of 9 March',
		text: `
On 9 March orders could not be placed for two hours and fourteen minutes. {The cause of this was|The cause was} a
certificate that had expired at noon. The certificate was renewed automatically, as {it had been every ninety
days|every ninety days}, but the process that terminates connections {had not been restarted|was not restarted} and
went on presenting the old one.

Monitoring {did not notice anything|noticed nothing}, because the check connects to the machine directly and {does not
go through|bypasses} the load balancer. The first report came from a customer, who {called our support|called support}
at 12:09. Support {opened a ticket with the priority|opened a ticket of priority} "normal", since {the form offers no
other choice|the form offers no other} to people outside the team. {It was seen by an engineer|An engineer saw it} at
13:40.

The repair took four minutes. {In order to be on the safe side|To be safe}, Ravi Menon {carried out a restart
of|restarted} both balancers one after the other and {made sure that|checked that} each served the new certificate.
{During that time there were no|There were no} further errors.

{We are going to change three things|We will change three things}. The renewal restarts what uses the certificate,
{and it fails loudly|and fails loudly} if that is impossible. The check {is going to use the same path as
customers|uses the path of customers}, and {gives a warning|warns} fourteen days before a certificate expires. And
support {is given the possibility of choosing|can choose} the priority. {We considered whether to|We considered, and
rejected, to} lengthen the validity to a year{, but we decided against it|}: what happens rarely is not practised.`,
		name: ['Ravi Menon', 'Priya Nair'],
		question: 'Why did nobody notice the expired certificate, and what will change?',
		answer: `Two safeguards looked the wrong way. The check could not see the fault, "because the check connects to the machine directly and does not go through the load balancer". The human report then got stuck: support gave it normal priority, "since the form offers no other choice to people outside the team". An engineer read it an hour and a half later. The repair itself "took four minutes". In future, "the renewal restarts what uses the certificate, and it fails loudly if that is impossible", the check takes the customers' path, and support may choose a priority. A longer validity was rejected with a good argument: "what happens rarely is not practised".`,
		account: `On 9 March orders could not be placed for {four hours and twelve minutes|two hours and fourteen minutes}, because a certificate had expired at noon. It had been renewed automatically, but the process that terminates connections still presented the old one. Monitoring noticed nothing, since its check bypasses the {firewall|load balancer}. A customer called support at 12:09, and an engineer saw the ticket at {12:40|13:40}. The repair took {forty|four} minutes. From now on the renewal restarts what uses the certificate, the check takes the path of customers and warns fourteen days ahead, and support can choose the priority of a ticket.`,
		review: `I checked the numbers and names. The outage lasted two hours and fourteen minutes; the check bypasses the load balancer; the ticket was seen at 13:40; the repair took four minutes.`,
	},
	{
		title: 'Minutes of the allotment society',
		text: `
Present were nineteen members {and one dog|and a dog}. The minutes of the last meeting {were approved after it had
been|were approved once it was} corrected that the compost fork was lost, {and not that it had been|and not} stolen.

Water. The new meter shows that {there is a consumption of|we use} 340 litres an hour at night, {when nobody is
there|with nobody there}. Mr. Ferreira {has walked along the pipe and is in the belief|walked along the pipe and
believes} that the leak is below plot 12. {It was resolved that the pipe should be dug up|We resolved to dig up the
pipe} on the 18th, from nine o'clock {in the morning|on}. Everybody brings a spade; plot 12 {is going to provide|provides}
coffee.

Hedges. {There was a long discussion about|We spoke at length of} the height. The rules say 1.20 metres, {the measuring
stick that is used for it|our measuring stick} says 1.26, because its foot {was repaired with a block of wood|was mended
with a block} in spring. Hedges {which were cut according to|cut by} the stick {are regarded as being|count as} in order.
The block {will be taken off|comes off}.

Bees. Plot 31 {has made an application for|applies for} two hives. {There were eleven votes in favour|Eleven voted for
it}, two against, {and six members who abstained|and six abstained} {because they wanted to know|to learn first} where
the hives would stand. {It was agreed upon that they would|They will} stand at the north fence, {on a trial basis|on
trial}, for one summer.

Any other business. {Somebody has been putting|Someone puts} courgettes {in front of the doors of others|at other
people's doors}. The board {asks that this should be stopped|asks that this stop}.`,
		name: ['Mr. Ferreira', 'Mr. Stone'],
		question: 'What was decided about the water and about the hives?',
		answer: `On the water the society acts at once. The new meter points to a leak, since it "shows that there is a consumption of 340 litres an hour at night, when nobody is there", and somebody suspects the place: below plot 12. The resolution reads that "the pipe should be dug up on the 18th, from nine o'clock in the morning. Everybody brings a spade; plot 12 is going to provide coffee." The hives were more contested. "There were eleven votes in favour, two against, and six members who abstained because they wanted to know where the hives would stand." In the end they are allowed "at the north fence, on a trial basis, for one summer".`,
	},
	{
		title: 'Using the label printer',
		text: `
Before you {switch the printer on for the first time|first switch the printer on}, take out the orange strip {that is
located behind the cover|behind the cover}. Put the roll in so that {the labels come from below|labels come from
below}, pull out about ten centimetres and {close the cover until it clicks|close the cover with a click}. The printer
{will feed three labels|feeds three labels} and stops: {it has now measured their length|it now knows their length}.

{In case the light is blinking in red colour|If the light blinks red}, the cover is open or the roll is empty. {In case
it is blinking in yellow|If it blinks yellow}, the print head is too warm. {Do nothing; it will go on by itself|Wait; it
goes on by itself} after a minute. Never {try to cool it down|cool it} with water or a spray.

{For printing a single label, press the button for a short time|Press the button briefly for one label}. {If you keep
it pressed|Hold it} for three seconds, {the last job will be repeated|and the last job is repeated}. {Keeping it pressed
for ten seconds has the effect that|Hold it for ten seconds, and} all settings {are set back|are reset}, including the
network; {the password is then again the one|the password is again the one} on the bottom of the case.

Clean the print head {after every fourth roll|every fourth roll} with the enclosed pen. {White lines along the label are
an indication of|White lines along the label mean} dust; white lines across it {indicate that the roll has been put in
with too much|mean too much} tension. Labels {that have been stored at temperatures of|stored at} more than thirty
degrees {may have a tendency to come off|may come off} in the printer. {If that should happen|If so}, turn the wheel on
the left side {by hand in the direction of the arrow|along the arrow}, and do not use {any kind of knife|a knife}.`,
		question: 'What do the lights mean, and how are the settings reset?',
		answer: `The manual knows two signals. "In case the light is blinking in red colour, the cover is open or the roll is empty." Yellow is about heat: "In case it is blinking in yellow, the print head is too warm. Do nothing; it will go on by itself after a minute." To reset the printer you need only its button. "Keeping it pressed for ten seconds has the effect that all settings are set back, including the network; the password is then again the one on the bottom of the case." Take care not to let go after three seconds, because in that case "the last job will be repeated".`,
		account: `Before first use take out the {yellow|orange} strip behind the cover. Put the roll in so that labels come from below, pull out about ten centimetres and close the cover. The printer feeds {two|three} labels to measure their length. A red light means that the cover is open or the roll is empty, a yellow one that the print head is too warm; wait a minute, and never cool it with water. Press the button briefly for one label, hold it for three seconds to repeat the last job, and for {five|ten} seconds to reset all settings. Clean the print head every fourth roll. White lines along the label mean {tension|dust}. Do not use a knife if labels come off inside.`,
		review: `The manual disagrees in four places: the strip is orange, three labels are fed, the reset takes ten seconds, and lines along the label mean dust, while those across it come from tension.`,
	},
	{
		title: 'Letter to the tenants about the lift',
		text: `
Dear tenants, the lift in house C {is going to be replaced|will be replaced} between 3 June and 12 July. {We are aware
of the fact that|We know that} forty-two of you live above the third floor and {that six weeks without a lift are a
long time|that six weeks are long}. {We would therefore like to tell you|So here is} what we have arranged.

{On every day from Monday to Friday|From Monday to Friday} two students, Jonas and Mina, {will be in the entrance
hall|are in the hall} from eight to noon and from three to seven. They carry shopping, prams and parcels up, {and they
carry rubbish down|and rubbish down}. {There is no need for a tip|No tip is needed}. If you {have an appointment with a
doctor|must see a doctor} and cannot manage the stairs, {please give us a call on the day before|call us the day
before}: {there will then be a stair chair|a stair chair will then be ready} with two trained helpers.

{There are four guest rooms in house A|House A has four guest rooms}, {which is accessible|accessible} without steps.
{They can be used by those for whom|Those for whom} the stairs are impossible {during the whole of the period|may use
them for the whole time}. {We ask you to tell us of your need|Please tell us} by 20 May. {If there are more than four
requests|With more than four requests}, {the decision will be made by drawing lots|we draw lots}, and the others {are
offered|get} a hotel.

{For the time in which there is no lift|While there is no lift}, the rent {is reduced by eight percent|falls by eight
percent} from the third floor upwards and by three percent {on the floors below|below}. {It is not necessary to make an
application|You need not apply}. The noise {will be at its worst|is worst} in the first week, {when the old cabin is
cut into pieces|when the old cabin is cut up}.`,
		question: 'What help do tenants get while there is no lift, and what about the rent?',
		answer: `There is help by the hour and help for the whole time. In the hall two students "carry shopping, prams and parcels up, and they carry rubbish down" on weekdays. For visits to a doctor one calls the day before, and "there will then be a stair chair with two trained helpers". People who cannot use the stairs at all may move to house A, where rooms "can be used by those for whom the stairs are impossible during the whole of the period". The rent goes down without any form: it "is reduced by eight percent from the third floor upwards and by three percent on the floors below. It is not necessary to make an application."`,
	},
	{
		title: 'The four-day week at Brodie & Sons',
		text: `
Brodie & Sons make door handles. {In the course of last year|Last year} the ninety people of the foundry worked four
days of nine hours {instead of five of eight|and not five of eight}, {at the same wage as before|at the same wage}.
{Before they started, the management had made the statement|The management had said beforehand} that the trial would
{be broken off|end} if output {went down by more than five percent|fell by more than five percent}.

Output {went up by two percent|rose by two percent}. {There is an explanation for this|The reason is plain}: the
furnaces {have to be heated up|must be heated} every morning, {which takes an hour and twenty minutes|for an hour and
twenty minutes}, and {now this is done|this is now done} four times a week. {Energy costs were reduced by|Energy costs
fell by} eleven percent. {The number of days on which somebody was ill|Days of illness} fell from eleven to seven a
head.

{Not all of it was to the liking of everybody|Not everybody liked it}. The dispatch department {has to be present|must be
there} on Fridays {because of the fact that|because} customers call, and works in two shifts; {the result of which is
that its people have|so its people have} different days off. Parents of small children {found that nine hours are|found
nine hours} too long: {the day nursery closes at five|the nursery closes at five}. Gita Rao, {who is a member of|of} the
works council, {succeeded in negotiating|negotiated} that {they may leave|they leave} at four and {do the remaining time
at home|do the rest at home}, in the planning office.

{The result of the vote in December was|In December the vote was} seventy-one for, twelve against. {From now on the rule is|Now the
rule is} permanent, {with one exception being made|with one exception}: in the weeks {before the trade fair|before the
fair}, {there will be work on five days|they work five days}, {and these days are paid|paid} extra.`,
		name: ['Gita Rao', 'Helen Price'],
		question: 'Why did output rise with fewer days, and who was dissatisfied?',
		answer: `Because of the furnaces. The article puts it like this: "the furnaces have to be heated up every morning, which takes an hour and twenty minutes, and now this is done four times a week". Energy was saved as well, and people were ill less often. Dissatisfied were two groups. Dispatch "has to be present on Fridays because of the fact that customers call", so days off differ there. And parents "found that nine hours are too long: the day nursery closes at five". For them the works council negotiated an exception. The vote was clear all the same, "seventy-one for, twelve against".`,
		account: `At Brodie & Sons, who make door {locks|handles}, ninety people worked four days of {ten|nine} hours last year at the same wage. The management had said that the trial would end if output fell by more than five percent. Output rose by two percent, because the furnaces must be heated only four times a week; energy costs fell by {seven|eleven} percent, and days of illness from eleven to seven a head. Dispatch works in two shifts, since customers call on Fridays. Parents of small children may leave at four. In December seventy-one voted for the rule and {twenty|twelve} against. It is now permanent, except in the weeks before the trade fair.`,
		review: `The firm makes door handles, the days have nine hours, energy costs fell by eleven percent, and twelve people voted against. The rest agrees with the text.`,
	},
	{
		title: 'Why the form has seven fields',
		text: `
The old form for {reporting a broken street lamp|reporting a street lamp} had twenty-three fields. It asked for {the
number of the mast|the mast's number}, the kind of lamp, the cadastral district. {Of those who opened it|Of those who
opened it}, eleven percent {sent it off|sent it}. The city {came to the conclusion that|concluded that} its lamps were in
{good working order|good order}.

{A new colleague by the name of|A new colleague,} Tariq Aziz {asked the question who|asked who} used the twenty-three
answers. {It took him a period of two months|It took him two months} to find out. Nine {were printed out and put|were
printed and put} into a folder, {which nobody opened|unopened}. Five were {typed in once more|typed again} by the lamp
department, {because of a different|owing to a different} order of the fields. {Two had been introduced|Two were
introduced} for a statistic {that came to an end in 2004|that ended in 2004}. {As to the date of birth, there was nobody
who|As for the date of birth, nobody} knew.

{What remained were seven|Seven remained}: where, what, since when, a photograph, {whether it is dangerous|is it
dangerous}, and, {if one wishes|optionally}, name and address. {The place is no longer typed in but is|The place is not
typed but} tapped on a map, on which {each of the masts is already drawn|each mast is drawn}. {It is now the case that|Now}
sixty-eight percent send it, and the {average time which passes until the repair|average time to repair} {has gone down
from nineteen days to six|fell from nineteen days to six}.

{What is remarkable is the following|One thing is remarkable}: the number of lamps {that are reported as broken|reported
as broken} {has become four times as large|has quadrupled}. For some weeks the council {was of the belief that|believed
that} the new form {was breaking lamps|broke lamps}.`,
		name: ['Tariq Aziz', 'Omar Haddad'],
		question: 'What had been done with the answers of the old form, and what did the short one change?',
		answer: `Next to nothing. Of the twenty-three answers "nine were printed out and put into a folder, which nobody opened", and others were typed twice or served a dead statistic: "Two had been introduced for a statistic that came to an end in 2004." On one field the text is laconic, "as to the date of birth, there was nobody who knew". With seven fields and a map, far more people finish: "It is now the case that sixty-eight percent send it", where it was eleven percent before, and repairs take six days rather than nineteen. That four times as many broken lamps are reported made the council suspicious of the form.`,
	},
	{
		title: 'Handover notes for the night shift',
		text: `
Room 4: Mr. Abel {was admitted in the course of the afternoon|was admitted in the afternoon} with a broken wrist, {which
is to be operated on tomorrow|operation tomorrow} at eight. {He is not allowed to eat anything|Nothing to eat} after
midnight, {water is allowed until six|water until six}. He {says that he sleeps badly|sleeps badly} without his radio;
{we have put it on low|it may play softly}.

Room 6: the drip of Mrs. Sorensen {has come to a stop two times|stopped twice} because she {has the habit of
bending|bends} her arm. {A splint has been put on|She has a splint now}. {Please have a look at it|Please look} every
hour, {and at the same time check|and check} whether the hand {is warm|is warm}. Her daughter {is going to call|calls} at
ten; {she may be told everything|tell her everything}.

Room 9: {the patient is able to get up|may get up} with the walking frame, {but only if somebody is with him|but not
alone}. {The bell was not within his reach|His bell was out of reach} when we came on duty, {so please make sure of
it|so please make sure}. Pain was three of ten {at the time of the last measurement|when last asked}, and the {next
tablet can be given|next tablet is due} from eleven {o'clock onwards|on}.

{In general|General}: the monitor in room 2 {reports a fault although there is none|gives false alarms}; the technician
{will come in the morning|comes in the morning}, {and until then it has to be|until then} read by eye. {There is a
shortage of|We are short of} size M gloves, and a box {has been borrowed from ward 5|is on loan from ward 5}. The coffee
machine {has been repaired|works}. {We wish you a quiet night|Have a quiet night}.`,
		question: 'What has to be watched in rooms 6 and 9, and what is wrong in room 2?',
		answer: `In room 6 it is the drip, which "has come to a stop two times because she has the habit of bending her arm". She has a splint, and the notes ask to look at it "every hour, and at the same time check whether the hand is warm". In room 9 the danger is a fall. The patient may walk with the frame, "but only if somebody is with him", and the bell has to be near: "The bell was not within his reach when we came on duty, so please make sure of it." In room 2 it is just the monitor, which "reports a fault although there is none"; somebody has to read it by eye until the technician comes.`,
		account: `Mr. Abel in room 4 has a broken {ankle|wrist}, which is operated on at eight tomorrow. He may eat nothing after midnight and drink water until {four|six}. In room 6 the drip of Mrs. Sorensen stopped twice, and she now has a splint; look at it every {two hours|hour} and check whether the hand is warm. Her daughter calls at ten. The patient in room 9 may get up with the walking frame if somebody is with him. Make sure that he can reach the bell. His next tablet is due from {ten|eleven} on. The monitor in room 2 gives false alarms, and size M gloves are short. The coffee machine works.`,
		review: `Please correct the following before it is filed: it is the wrist; water is allowed until six; the splint is checked every hour; and the tablet in room 9 can be given from eleven.`,
	},
	{
		title: 'An elevator pitch for a slow product',
		text: `
Our lamp {takes forty minutes until it is fully bright|needs forty minutes to be fully bright}. {It was the first thing
that investors|That was the first thing investors} asked about, and {for a long time we apologised for it|for long we
apologised}. {In the meantime we|Now we} begin with it.

People who {have to get up at five|must get up at five} do not need light; they need a dawn. {It is by the change of
brightness that the body|By change of brightness the body} is woken, {not by the brightness as such|not by brightness}.
{There are alarm clocks with lamps on the market|Lamps with alarms exist}, {but they become bright in steps|but they
brighten in steps}, because {their electronics know no more than|their drivers know only} 256 levels, and the eye,
{which is adapted to darkness|adapted to the dark}, {sees the first thirty of them|sees the first thirty}. {Each of the
steps|Each step} is a small shock.

Ours has 65,536 levels {and it uses most of them|and uses most of them} {within the first ten minutes|in the first ten
minutes}. The driver {was developed by|is the work of} Noor Rahman, who {had worked on projectors for planetariums|used to
build planetarium projectors}. {It costs eighty cents more than|It costs eighty cents more than} the ordinary one. {In a
study with the night staff|In a study with night staff} of two hospitals, {those who woke up with it made|people who
woke by it made} a third fewer errors in the first hour.

{We have sold nine thousand pieces|We have sold nine thousand} without advertising. {We are looking for money so that we
can|We seek money to} build it into hotel rooms, {in which nobody|where nobody} {is able to find the switch|finds the
switch} {in any case|anyway}.`,
		name: ['Noor Rahman', 'Lea Simon'],
		question: 'What sets the lamp apart from others, and what evidence is given?',
		answer: `Its slowness, and what makes it possible. The pitch holds that "it is by the change of brightness that the body is woken, not by the brightness as such", so steps are to be avoided. Other lamps have few levels: "Each of the steps is a small shock." This one "has 65,536 levels and it uses most of them within the first ten minutes", thanks to a driver that adds eighty cents to the cost. As evidence there is a study with night staff, in which "those who woke up with it made a third fewer errors in the first hour". There are also nine thousand lamps sold without advertising.`,
	},
	{
		title: 'Our style guide, in one page',
		text: `
{It should be assumed that the reader is|Assume that the reader is} in a hurry and {in possession of a good
mind|clever}. {Put what matters the most|Put what matters} first: {a person who stops after|whoever stops after} the
first sentence should {know what has to be done|know what to do}. Reasons {come after that|come second}, history last,
{or, which is better, not at all|or not at all}.

{Use one word for one thing|One thing has one word}. A customer who {is a client in the next paragraph|becomes a client
in the next paragraph} {makes the reader look for a difference|sends the reader looking for a difference}. {Do not be
afraid of repetition|Do not fear repetition}; it is {a courtesy towards|a courtesy to} people who {read in a language
that is not their own|read in a foreign language}. {Numbers should be given with|Give numbers with} their unit and
{with what they are to be compared to|with a comparison}: {"fast" does not say anything|"fast" says nothing}, "in four
minutes instead of an hour" does.

{Verbs should be preferred to nouns|Prefer verbs to nouns}. {One does not carry out an examination of|Nobody makes an
examination of} a bicycle, one examines it. {If a sentence has got|If a sentence has} more than two commas, {make two
sentences out of it|make it two}. {The passive voice is allowed where|The passive is fine where} nobody knows who did
it, {or where everybody does|or everybody does}.

{An apology has to contain three things|An apology has three parts}: what happened, {what we are doing about it|what we
do about it}, and when {it will be finished|it is done}. {It must not contain the word|It never has the word}
"inconvenience". Before you {send something off|send anything}, {read it out in a loud voice|read it aloud}. {At the
places where you run out of|Where you run out of} breath, the reader {has already gone|is gone}.`,
		question: 'What does the guide say about order, words and apologies?',
		answer: `On order it is strict: what matters comes first, so that "a person who stops after the first sentence should know what has to be done. Reasons come after that, history last, or, which is better, not at all." On words the rule is consistency, for a customer "who is a client in the next paragraph makes the reader look for a difference". Repetition is allowed, even welcome, as "a courtesy towards people who read in a language that is not their own". An apology, finally, "has to contain three things: what happened, what we are doing about it, and when it will be finished", and one word is banned from it.`,
		account: `The guide assumes a reader who is clever and in a hurry. What matters comes first, {history|reasons} second, {reasons|history} last or not at all. One thing has one word, and repetition is a courtesy to people who read in a foreign language. Numbers come with a unit and a comparison. Verbs are better than {adjectives|nouns}, and a sentence with more than {three|two} commas becomes two. The passive is fine where nobody knows who did it, or everybody does. An apology says what happened, what we do about it and when it is done, and it never has the word "{sorry|inconvenience}". Before anything is sent, it is read aloud.`,
		review: `Most of it fits, but reasons come second and history last, verbs are preferred to nouns, the limit is two commas, and the banned word is "inconvenience".`,
	},
];
