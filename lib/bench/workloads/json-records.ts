import type { Random } from '../random.js';
import * as words from '../texts/names.js';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonRecord = { readonly [name: string]: Json };

/** A change of records, in words and as a function. */
export interface Edit {
	readonly ask: string;
	/** Whether it changes each record. */
	readonly everywhere?: true;
	readonly change: (record: JsonRecord) => JsonRecord;
}

/** A kind of file with records of one form. */
export interface RecordKind {
	readonly file: string;
	/** The name of the list of records in the file; null where each record is a text of the file, under its `key`. */
	readonly list: string | null;
	readonly make: (random: Random, index: number) => JsonRecord;
	/** How many there can be. Default: any number. */
	readonly most?: number;
	/** What may be asked for; all of them can be combined. */
	readonly edits: (random: Random) => readonly Edit[];
}

/** The record with a field changed; its place stays. */
export function withField(record: JsonRecord, name: string, change: (value: Json) => Json): JsonRecord {
	return mapEntries(record, (field, value) => [[field, field === name ? change(value) : value]]);
}

/** The record with a field under another name. */
export function renamed(record: JsonRecord, from: string, to: string): JsonRecord {
	return mapEntries(record, (field, value) => [[field === from ? to : field, value]]);
}

/** The record with a field more, after another one. */
export function withAfter(record: JsonRecord, after: string, name: string, value: Json): JsonRecord {
	return mapEntries(record, (field, old) =>
		field === after
			? [
					[field, old],
					[name, value],
				]
			: [[field, old]],
	);
}

/** The record without a field. */
export function without(record: JsonRecord, name: string): JsonRecord {
	return mapEntries(record, (field, value) => (field === name ? [] : [[field, value]]));
}

function mapEntries(
	record: JsonRecord,
	change: (field: string, value: Json) => Array<[field: string, value: Json]>,
): JsonRecord {
	return Object.fromEntries(Object.entries(record).flatMap(([field, value]) => change(field, value)));
}

const day = (random: Random, year = random.integer(2016, 2025)): string =>
	`${year}-${two(random.integer(1, 12))}-${two(random.integer(1, 28))}`;
const two = (value: number): string => String(value).padStart(2, '0');
const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
const person = (random: Random): string => `${random.pick(words.firstNames)} ${random.pick(words.lastNames)}`;
const round = (value: number, digits: number): number => Number(value.toFixed(digits));
const object = (value: Json | undefined): JsonRecord => value as JsonRecord;

const products: RecordKind = {
	file: 'products.json',
	list: 'products',
	make: (random, index) => ({
		id: `P-${1000 + 7 * index + random.integer(0, 6)}`,
		name: `${capital(random.pick(words.materials))} ${random.pick(words.goods)}`,
		category: random.pick(words.categories),
		price: random.integer(6, 240) + random.pick([0, 0.5, 0.9, 0.95]),
		stock: random.integer(0, 180),
		weight: random.integer(2, 90) / 10,
		supplier: { name: `${random.pick(words.lastNames)} & Co`, city: random.pick(words.cities) },
		tags: random.sample(
			['new', 'sale', 'handmade', 'fragile', 'recycled', 'gift', 'bulky'],
			random.integer(0, 3),
		),
	}),
	edits: (random) => {
		const [raised, outlet] = random.sample(words.categories, 2) as [string, string];
		const percent = random.pick([5, 10, 20]);
		return [
			{
				ask: `raise the prices of the category "${raised}" by ${percent} percent, rounded to cents`,
				change: (record) =>
					record.category === raised
						? withField(record, 'price', (price) => round((price as number) * (1 + percent / 100), 2))
						: record,
			},
			{
				everywhere: true,
				ask: 'rename "stock" to "inStock"',
				change: (record) => renamed(record, 'stock', 'inStock'),
			},
			{
				everywhere: true,
				ask: 'add "currency": "EUR" after the price',
				change: (record) => withAfter(record, 'price', 'currency', 'EUR'),
			},
			{
				ask: `put the tag "outlet" first where the category is "${outlet}"`,
				change: (record) =>
					record.category === outlet
						? withField(record, 'tags', (tags) => ['outlet', ...(tags as Json[])])
						: record,
			},
			{
				everywhere: true,
				ask: 'give the weight in grams',
				change: (record) => withField(record, 'weight', (weight) => Math.round((weight as number) * 1000)),
			},
		];
	},
};

const stations: RecordKind = {
	file: 'stations.json',
	list: 'stations',
	make: (random) => ({
		station: `${random.pick(words.cities)} ${random.pick(words.streets)} Street`,
		latitude: random.integer(360000, 620000) / 10000,
		longitude: random.integer(-90000, 290000) / 10000,
		installed: day(random),
		status: random.pick(['ok', 'ok', 'ok', 'offline', 'calibrating']),
		sensors: random
			.sample(
				[
					{ kind: 'temperature', unit: 'C', last: random.integer(-80, 340) / 10 },
					{ kind: 'humidity', unit: '%', last: random.integer(20, 99) },
					{ kind: 'no2', unit: 'ug/m3', last: random.integer(4, 90) },
					{ kind: 'noise', unit: 'dB', last: random.integer(35, 88) },
				],
				random.integer(1, 3),
			)
			.map((sensor) => ({ ...sensor })),
	}),
	edits: () => [
		{
			everywhere: true,
			ask: 'round latitude and longitude to two digits',
			change: (record) =>
				['latitude', 'longitude'].reduce(
					(changed, name) => withField(changed, name, (value) => round(value as number, 2)),
					record,
				),
		},
		{
			ask: 'set the status of all that are offline to "maintenance"',
			change: (record) =>
				withField(record, 'status', (status) => (status === 'offline' ? 'maintenance' : status)),
		},
		{
			everywhere: true,
			ask: 'rename "last" to "value" in the sensors',
			change: (record) =>
				withField(record, 'sensors', (sensors) =>
					(sensors as JsonRecord[]).map((sensor) => renamed(sensor, 'last', 'value')),
				),
		},
		{
			everywhere: true,
			ask: 'keep only the year of "installed", as a number',
			change: (record) => withField(record, 'installed', (date) => Number((date as string).slice(0, 4))),
		},
	],
};

const bookings: RecordKind = {
	file: 'bookings.json',
	list: 'bookings',
	make: (random, index) => {
		const hour = random.integer(8, 16);
		return {
			id: 4100 + index,
			room: random.pick(words.rooms),
			date: day(random, 2026),
			from: `${two(hour)}:${random.pick(['00', '15', '30'])}`,
			to: `${two(hour + random.integer(1, 3))}:${random.pick(['00', '30', '45'])}`,
			organiser: person(random),
			people: random.integer(2, 24),
			purpose: random.pick(words.purposes),
			remark: random.pick(words.remarks),
		};
	},
	edits: (random) => {
		const [closed, open] = random.sample(words.rooms, 2) as [string, string];
		return [
			{
				ask: `move everything from the room ${closed} to ${open}`,
				change: (record) => withField(record, 'room', (room) => (room === closed ? open : room)),
			},
			{
				everywhere: true,
				ask: 'replace "from" and "to" by one field "time" such as "09:00-10:30"',
				change: (record) =>
					without(
						withField(renamed(record, 'from', 'time'), 'time', (from) => `${from}-${record.to}`),
						'to',
					),
			},
			{
				ask: 'remove remarks that are empty',
				change: (record) => (record.remark === '' ? without(record, 'remark') : record),
			},
			{
				ask: 'add "large": true after the number of people where there are more than twelve',
				change: (record) =>
					(record.people as number) > 12 ? withAfter(record, 'people', 'large', true) : record,
			},
		];
	},
};

const deployments: RecordKind = {
	file: 'deployments.json',
	list: 'services',
	make: (random, index) => {
		const name = words.services[index % words.services.length] as string;
		const stage = ['production', 'staging', 'test', 'preview', 'demo', 'canary'][
			Math.floor(index / words.services.length) % 6
		] as string;
		return {
			name,
			stage,
			image: `registry.example.org/${name}:${random.integer(1, 4)}.${random.integer(0, 19)}.${random.integer(0, 9)}`,
			port: 8000 + random.integer(0, 899),
			replicas: random.integer(1, 4),
			env: {
				LOG_LEVEL: random.pick(['info', 'debug', 'warn']),
				REGION: random.pick(words.cities).toLowerCase(),
			},
			health: {
				path: random.pick(['/health', '/ready', '/status']),
				intervalSeconds: random.pick([5, 10, 30]),
			},
		};
	},
	edits: (random) => {
		const level = random.pick(['debug', 'warn']);
		return [
			{
				everywhere: true,
				ask: 'pull the images from "images.example.net" instead of "registry.example.org"',
				change: (record) =>
					withField(record, 'image', (image) =>
						(image as string).replace('registry.example.org', 'images.example.net'),
					),
			},
			{
				ask: 'at least two replicas of everything',
				change: (record) => withField(record, 'replicas', (replicas) => Math.max(2, replicas as number)),
			},
			{
				ask: `LOG_LEVEL "info" instead of "${level}"`,
				change: (record) =>
					withField(record, 'env', (env) =>
						withField(object(env), 'LOG_LEVEL', (old) => (old === level ? 'info' : old)),
					),
			},
			{
				everywhere: true,
				ask: 'add "timeoutSeconds": 3 at the end of "health"',
				change: (record) =>
					withField(record, 'health', (health) => ({ ...object(health), timeoutSeconds: 3 })),
			},
		];
	},
};

const members: RecordKind = {
	file: 'members.json',
	list: 'members',
	make: (random, index) => {
		const name = person(random);
		return {
			number: 301 + 2 * index,
			name,
			email: `${name.toLowerCase().replace(' ', '.')}@${random.pick(['example.org', 'mail.example.com', 'post.example.net'])}`,
			joined: day(random),
			address: {
				street: `${random.pick(words.streets)} Street ${random.integer(1, 140)}`,
				city: random.pick(words.cities),
			},
			roles: random.sample(['treasurer', 'board', 'coach', 'youth', 'press'], random.pick([0, 0, 1, 1, 2])),
			newsletter: random.chance(0.6),
		};
	},
	edits: () => [
		{
			everywhere: true,
			ask: 'split the name into "firstName" and "lastName"',
			change: (record) => {
				const [first, last] = (record.name as string).split(' ') as [string, string];
				return renamed(
					withField(withAfter(record, 'name', 'lastName', last), 'name', () => first),
					'name',
					'firstName',
				);
			},
		},
		{
			ask: 'addresses at mail.example.com are now at example.org',
			change: (record) =>
				withField(record, 'email', (email) => (email as string).replace('@mail.example.com', '@example.org')),
		},
		{ everywhere: true, ask: 'leave out "newsletter"', change: (record) => without(record, 'newsletter') },
		{
			everywhere: true,
			ask: 'dates such as "12 Mar 2021"',
			change: (record) => withField(record, 'joined', (date) => inWords(date as string)),
		},
	],
};

function inWords(date: string): string {
	const [year, month, dayOfMonth] = date.split('-').map(Number) as [number, number, number];
	const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
	return `${dayOfMonth} ${months[month - 1]} ${year}`;
}

const orders: RecordKind = {
	file: 'orders.json',
	list: 'orders',
	make: (random, index) => ({
		order: `2026-${String(5200 + 3 * index + random.integer(0, 2)).padStart(6, '0')}`,
		customer: person(random),
		status: random.pick(['paid', 'paid', 'shipped', 'open', 'returned']),
		lines: Array.from({ length: random.integer(1, 3) }, () => ({
			sku: `${random.pick(words.goods).slice(0, 3).toUpperCase()}-${random.integer(100, 999)}`,
			quantity: random.integer(1, 6),
			cents: random.integer(4, 200) * 95,
		})),
		shipping: { method: random.pick(['parcel', 'express', 'pickup']), city: random.pick(words.cities) },
	}),
	edits: () => [
		{
			ask: 'orders that are paid and sent by express become "shipped"',
			change: (record) =>
				record.status === 'paid' && object(record.shipping).method === 'express'
					? withField(record, 'status', () => 'shipped')
					: record,
		},
		{
			everywhere: true,
			ask: 'replace "cents" by "price" in euros',
			change: (record) =>
				withField(record, 'lines', (lines) =>
					(lines as JsonRecord[]).map((line) =>
						withField(renamed(line, 'cents', 'price'), 'price', (cents) => (cents as number) / 100),
					),
				),
		},
		{
			everywhere: true,
			ask: 'rename "sku" to "article"',
			change: (record) =>
				withField(record, 'lines', (lines) =>
					(lines as JsonRecord[]).map((line) => renamed(line, 'sku', 'article')),
				),
		},
		{
			ask: 'write "standard" for the method "parcel"',
			change: (record) =>
				withField(record, 'shipping', (shipping) =>
					withField(object(shipping), 'method', (method) => (method === 'parcel' ? 'standard' : method)),
				),
		},
	],
};

/** The texts of a user interface. */
const interfaceTexts: RecordKind = {
	file: 'en.json',
	list: null,
	most: words.labels.length,
	make: (_, index) => {
		const [key, text] = words.labels[index] as (typeof words.labels)[number];
		return { key, text };
	},
	edits: () => [
		{
			everywhere: true,
			ask: 'all keys begin with "shop."',
			change: (record) => withField(record, 'key', (key) => `shop.${key}`),
		},
		{
			ask: 'say "cart" instead of "basket"',
			change: (record) => withText(record, (text) => text.replaceAll('basket', 'cart')),
		},
		{
			ask: 'leave out "please"',
			change: (record) =>
				withText(record, (text) => text.replace(/Please (\w)/g, (_, letter: string) => letter.toUpperCase())),
		},
		{
			ask: 'no exclamation marks',
			change: (record) => withText(record, (text) => text.replaceAll('!', '.')),
		},
		{
			ask: 'placeholders in double braces, such as {{count}}',
			change: (record) => withText(record, (text) => text.replace(/\{\w+\}/g, '{$&}')),
		},
	],
};

function withText(record: JsonRecord, change: (text: string) => string): JsonRecord {
	return withField(record, 'text', (text) => change(text as string));
}

export const recordKinds: readonly RecordKind[] = [
	products,
	stations,
	bookings,
	deployments,
	members,
	orders,
	interfaceTexts,
];
