import type { Choices } from './choices.js';
import type { forms } from './schemas.js';

const people = ['Ada Lovelace', 'Mara Lind', 'Tom Okafor', 'Ines Duarte', 'Yuki Sato', 'Lena Weiss'];
const cities = ['Bergen', 'Lisbon', 'Osaka', 'Graz', 'Nairobi', 'Quito'];
const articles = ['paper', 'lamp', 'desk', 'cable', 'chair', 'stapler'];

const digits = (choices: Choices, count: number) =>
	Array.from({ length: count }, () => choices.below(10)).join('');
const two = (value: number) => String(value).padStart(2, '0');
const party = (choices: Choices) => ({ name: choices.of(articles), city: choices.of(cities) });

/** Sensible values for each of the forms, as a model would fill them in that understands them. */
export const filledForms: { readonly [Name in keyof typeof forms]: (choices: Choices) => unknown } = {
	person: (choices) => {
		const name = choices.of(people);
		return {
			name,
			age: 18 + choices.below(60),
			email: `${name.toLowerCase().replace(' ', '.')}@mail.example.com`,
			married: choices.chance(50),
		};
	},
	invoice: (choices) => ({
		number: `RE-${digits(choices, 4)}`,
		date: `20${two(10 + choices.below(20))}-${two(1 + choices.below(12))}-${two(1 + choices.below(28))}`,
		customer: party(choices),
		seller: party(choices),
		lines: Array.from({ length: 1 + choices.below(3) }, () => ({
			article: choices.of(articles),
			quantity: 1 + choices.below(20),
			price: choices.below(10_000) / 100,
		})),
		currency: choices.of(['EUR', 'USD', 'CHF']),
	}),
	events: (choices) =>
		Array.from({ length: 2 + choices.below(3) }, () =>
			choices.chance(50)
				? {
						kind: 'meeting',
						begins: `${two(choices.below(24))}:${choices.of(['00', '15', '30', '45'])}:00Z`,
						people: Array.from({ length: 1 + choices.below(3) }, () => choices.of(people).split(' ')[0]),
					}
				: { kind: 'birthday', of: choices.of(people).split(' ')[0], years: 1 + choices.below(99) },
		),
	config: (choices) => ({
		listen: { host: `10.0.${choices.below(256)}.${choices.below(256)}`, port: 1024 + choices.below(60_000) },
		logLevel: choices.of(['debug', 'info', 'warning', 'error']),
		cacheMegabytes: 64 * choices.below(17),
		compression: choices.chance(50),
		ratio: (1 + choices.below(99)) / 100,
		tags: { owner: choices.of(cities).slice(0, 6), tier: choices.of(['web', 'batch']) },
	}),
};

/** JSON in one line with spaces after colons and commas, as Python writes it, or in lines with two more each. */
export const jsonStyles: Readonly<Record<string, (value: unknown) => string>> = {
	'one line': (value) =>
		JSON.stringify(value, null, 1)
			.replace(/([[{])\n\s*/g, '$1')
			.replace(/\n\s*([\]}])/g, '$1')
			.replace(/,\n\s*/g, ', '),
	lines: (value) => JSON.stringify(value, null, 2),
};
