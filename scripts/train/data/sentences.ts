import { fill, heldOut, type Source } from './source.js';

/** Sentences of texts to edit, with everyday words and made-up names. */
const sentences = heldOut({
	train: [
		'{name} found a {noun} near the {place}.',
		'The {noun} of {name} is {color} and {adjective}.',
		'{name} asked {other} about the {adjective} {noun}.',
		'Every Friday {name} brings {n} {things} to the {place}.',
		'{name} keeps the {noun} in a {color} {noun2}.',
		'There are {n} {things} and one {noun} at the {place}.',
		'{name} and {other} call it the {adjective} {noun}.',
		'The {adjective} {noun} costs {n} dollars.',
		'{name} has never seen a {color} {noun}.',
		'The {noun} stands between the {noun2} and the {place}.',
		'On Sunday {name} sold {n} {things} to {other}.',
		'{name} painted the {noun} {color}.',
		'Nobody at the {place} knows the {adjective} {noun}.',
		'{other} took a {noun} and a {noun2} from {name}.',
	],
	test: [
		'{name} saw a {adjective} {noun} at the {place}.',
		'The {color} {noun} is near the {noun2}.',
		'On Friday {name} gave {other} {n} {things}.',
		'{name} sold the {noun} for {n} dollars.',
		'{name} and {other} painted a {adjective} {noun2}.',
		'There is one {noun} between the {place} and the {noun2}.',
		'{name} brings a {color} {noun} every Sunday.',
	],
});

function fromTemplate(
	source: Source,
	[name = '', other = '']: readonly string[],
	template = source.wording(sentences),
): string {
	const [noun = '', noun2 = ''] = source.distinct(2, source.noun);
	return fill(template, {
		name,
		other,
		noun,
		noun2,
		place: source.place(),
		color: source.color(),
		adjective: source.adjective(),
		things: source.thing(),
		n: source.number(),
	});
}

const acts =
	`saw found took lost sold bought made drew hid sent kept moved broke opened closed carried painted cleaned
forgot liked wanted followed measured borrowed repaired counted dropped washed noticed watched`.split(/\s+/);

/** A sentence put together from phrases, in far more ways than there are templates. */
function fromPhrases(source: Source, [name = '', other = '']: readonly string[]): string {
	const thing = () => {
		const article = source.pick(['a', 'the', 'this', 'one', 'every']);
		const property = source.pick([
			() => `${source.adjective()} `,
			() => `${source.color()} `,
			() => '',
			() => '',
		])();
		return source.chance(0.2)
			? `${source.number()} ${source.thing()}`
			: `${article} ${property}${source.noun()}`;
	};
	const subject = source.pick([() => name, () => name, thing, () => `${name} and ${other}`])();
	const verb = source.pick([
		() => source.pick(acts),
		() => source.pick(acts),
		() => 'is near',
		() => 'has',
	])();
	const opening = source.pick([
		() => '',
		() => '',
		() =>
			`${source.pick(['yesterday', 'today', 'sometimes', 'at night', 'in summer', 'last week', 'before noon'])} `,
		() => `${source.pick(['behind', 'near', 'under', 'over', 'in'])} the ${source.place()} `,
	])();
	const ending = source.pick([
		() => '',
		() => ` ${source.pick(['behind', 'under', 'in', 'at', 'near', 'over'])} the ${source.place()}`,
		() => ` with ${thing()}`,
		() => ` and ${thing()}`,
		() => ` for ${other}`,
		() => ` after ${source.number()} days`,
	])();
	return capitalized(`${opening}${subject} ${verb} ${thing()}${ending}.`);
}

/** Words in any order: what can only be copied, not guessed. */
function fromWords(source: Source, names: readonly string[]): string {
	const word = () =>
		source.pick([
			source.noun,
			source.noun,
			source.adjective,
			source.thing,
			source.place,
			() => source.pick(acts),
			() => source.pick(['the', 'a', 'and', 'of', 'to', 'is', 'has', 'for', 'at', 'with', 'costs', 'near']),
			() => source.pick(names),
			() => source.name().toLowerCase(),
			() => `${source.number()}`,
		])();
	return capitalized(`${Array.from({ length: source.integer(4, 9) }, word).join(' ')}.`);
}

const capitalized = (text: string): string => `${text[0]?.toUpperCase()}${text.slice(1)}`;

/** A sentence of a text to edit. Test texts have templates of their own; training texts are as varied as can be. */
export function sentence(source: Source, among: readonly string[] = source.names(2)): string {
	const names = source.sample(among, 2);
	if (source.split === 'test') return fromTemplate(source, names);
	return source.pick([fromTemplate, fromPhrases, fromWords])(source, names);
}

/** `count` sentences about the same few people. Those of a test text are of different templates, as in real texts. */
export function passage(source: Source, count: number): string[] {
	const names = source.names(3);
	if (source.split === 'test')
		return source
			.sample(sentences.test, count)
			.map((template) => fromTemplate(source, source.sample(names, 2), template));
	return Array.from({ length: count }, () => sentence(source, names));
}
