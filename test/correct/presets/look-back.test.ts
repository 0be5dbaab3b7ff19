import { expect, test } from 'vitest';
import { lookBack } from '../../../lib/correct/presets/look-back.js';
import { follow } from '../../support/correction.js';
import { ScriptedSession, said } from '../../support/scripted.js';

/** What the image at this path shows. */
const shown: Readonly<Record<string, readonly string[]>> = { 'cats.png': ['two cats', 'a red sofa'] };

/**
 * A model that names what it does not see, unless it looks for it: asked about one thing in a conversation that has
 * the image and nothing else, it says what is so.
 */
const careless = (list: string) =>
	new ScriptedSession((messages, { logitBias }) => {
		const asked = said(messages.at(-1) as (typeof messages)[number]);
		if (logitBias) {
			const seen = Object.entries(shown).find(([path]) => asked.startsWith(`[${path}]`))?.[1] ?? [];
			const alone = messages.length === 1;
			const probability = alone && seen.some((thing) => asked.includes(thing)) ? 0.9 : 0.2;
			return { reply: 'Yes', probability };
		}
		if (asked.includes('List what')) return list;
		if (asked.includes('this is not so')) return 'There are two cats on a red sofa.';
		return 'There are two cats on a red sofa. A dog sleeps.';
	});

const task = { id: 'cats', prompt: 'What is there?', images: ['cats.png'] };

test('what the image does not show is said again without it', async () => {
	const session = careless('- two cats\n- a red sofa\n- a dog');
	const { answer } = await follow(session, lookBack(), { budget: { rounds: 2 } }, task);
	expect(answer).toBe('There are two cats on a red sofa.');
	expect(
		session.calls.filter(({ asked }) => asked.includes('this is not so')).map(({ asked }) => asked),
	).toContainEqual(expect.stringContaining('not so:\n- a dog\nAnswer again so that it fits the image.'));
	// Each claim is looked at by itself, with the image before it.
	const looked = session.calls.filter(({ options }) => options.logitBias).map(({ asked }) => asked);
	expect(looked.slice(0, 3)).toEqual(
		['two cats', 'a red sofa', 'a dog'].map(
			(claim) => `user: [cats.png]Is this true of the image: ${claim}\nReply with Yes or No.`,
		),
	);
});

test('where the model makes no list, each sentence is a claim', async () => {
	const session = careless('I see cats.');
	await follow(session, lookBack(), { budget: { rounds: 1 } }, task);
	const looked = session.calls.filter(({ options }) => options.logitBias).map(({ asked }) => asked);
	expect(looked).toHaveLength(2);
	expect(looked[1]).toContain('A dog sleeps.');
});

test('claims, questions, and what is said about them are the caller’s', async () => {
	const session = careless('');
	const strategy = lookBack({
		claims: (answer, { prompt }) => [`${prompt} ${answer.length}`, 'second', 'third'],
		question: (claim) => `Really: ${claim}?`,
		refine: (wrong) => `this is not so: ${wrong.join()}`,
		maxClaims: 2,
	});
	await follow(session, strategy, { budget: { rounds: 2 } }, task);
	expect(session.calls.some(({ asked }) => asked.includes('List what'))).toBe(false);
	const looked = session.calls.filter(({ options }) => options.logitBias).map(({ asked }) => asked);
	expect(looked.slice(0, 2)).toEqual([
		'user: [cats.png]Really: What is there? 47?',
		'user: [cats.png]Really: second?',
	]);
	expect(session.calls.some(({ asked }) => asked.includes('this is not so: What is there? 47,second'))).toBe(
		true,
	);
});

test('a verifier looks in the model’s place', async () => {
	const about: Array<string | undefined> = [];
	const { answer } = await follow(
		careless('- two cats\n- a dog'),
		lookBack(),
		{
			budget: { rounds: 2 },
			verifier: (_, context) => {
				about.push(context.about);
				return context.about === 'a dog' ? { outcome: 'fail', message: 'No dog.' } : { outcome: 'pass' };
			},
		},
		task,
	);
	expect(answer).toBe('There are two cats on a red sofa.');
	expect(about.slice(0, 2)).toEqual(['two cats', 'a dog']);
});
