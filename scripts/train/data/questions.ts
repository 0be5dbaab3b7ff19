import { assistant, type Chat, type Turn, user } from './chat.js';
import { present } from './requests.js';
import { fill, heldOut, type Source, type Wordings } from './source.js';

const facts = heldOut({
	train: [
		'{name} has a {color} {noun} that cost {n} dollars, and keeps it at the {place}.',
		'At the {place} {name} keeps a {color} {noun}. The {noun} cost {n} dollars.',
		'The {noun} of {name} is {color}. It cost {n} dollars and stands at the {place}.',
	],
	test: [
		'{name} keeps a {color} {noun} at the {place}. It cost {n} dollars.',
		'The {color} {noun} of {name} cost {n} dollars and stands at the {place}.',
	],
});

const frames = heldOut({
	train: [
		'{content}\n{instruction}',
		'{instruction}\n{content}',
		'Read the text and answer.\n{content}\n{instruction}',
	],
	test: ['Read this text:\n{content}\n{instruction}', '{instruction}\n\n{content}'],
});

const questions: ReadonlyArray<{ question: Wordings; answer: string }> = [
	{
		question: heldOut({
			train: ['What color is the {noun}?', 'Which color does the {noun} have?'],
			test: ['What is the color of the {noun}?'],
		}),
		answer: 'The {noun} of {name} is {color}.',
	},
	{
		question: heldOut({
			train: ['Where is the {noun}?', 'Where does {name} keep the {noun}?'],
			test: ['Where can the {noun} be found?'],
		}),
		answer: '{name} keeps the {noun} at the {place}.',
	},
	{
		question: heldOut({
			train: ['How much did the {noun} cost?', 'What did the {noun} cost?'],
			test: ['How many dollars did the {noun} cost?'],
		}),
		answer: 'The {noun} cost {n} dollars.',
	},
	{
		question: heldOut({
			train: ['Quote what the text says about {name}.', 'What does the text say about {name}? Quote it.'],
			test: ['Quote the text about {name}.'],
		}),
		answer: '"{fact}"',
	},
];

/** A passage, and questions answered by quoting it. */
export function quotations(source: Source): Chat {
	const names = source.names(source.integer(3, 4));
	const nouns = source.distinct(names.length, source.noun);
	const told = names.map((name, i) => {
		const slots = {
			name,
			noun: nouns[i] ?? '',
			color: source.color(),
			place: source.place(),
			n: source.number(),
		};
		return { ...slots, fact: source.say(facts, slots) };
	});
	const text = told.map(({ fact }) => fact).join(' ');
	const turns: Turn[] = [];
	for (const about of source.sample(told, source.integer(1, 3))) {
		const { question, answer } = source.pick(questions);
		const asked = source.say(question, about);
		turns.push(user(turns.length === 0 ? present(source, frames, text, asked) : asked));
		turns.push(assistant(fill(answer, about)));
	}
	return { task: 'question', turns };
}
