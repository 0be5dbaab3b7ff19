import { heldOut, type Source } from './source.js';

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

export function sentence(source: Source, names: readonly string[] = source.names(2)): string {
	const [name = '', other = ''] = source.sample(names, 2);
	const [noun = '', noun2 = ''] = source.distinct(2, source.noun);
	return source.say(sentences, {
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

/** `count` sentences about the same few people. */
export function passage(source: Source, count: number): string[] {
	const names = source.names(3);
	return Array.from({ length: count }, () => sentence(source, names));
}
