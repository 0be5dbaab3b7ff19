import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chainOfVerification } from '../../demo/own-strategy.js';
import { correct } from '../../lib/correct/index.js';
import { loadModel } from '../../lib/index.js';
import { follow } from '../support/correction.js';
import { embeddedModel } from '../support/models.js';
import { ScriptedSession } from '../support/scripted.js';

const source = readFileSync(new URL('../../demo/own-strategy.ts', import.meta.url), 'utf8');

test('the documented strategy takes at most thirty lines', () => {
	expect(source.trim().split('\n').length).toBeLessThanOrEqual(30);
	const shown = source.replace('../lib/correct/index.js', 'reprise/correct').replaceAll('\t', '  ');
	expect(readFileSync(new URL('../../docs/correction.md', import.meta.url), 'utf8')).toContain(shown);
});

test('it asks about its draft, answers without it, and mends it', async () => {
	const said = ['Five.', 'What is two and two?\nThat is all', 'Four.', 'Four.', 'Is it?', 'Yes.', 'Four.'];
	const session = new ScriptedSession(() => said.shift() as string);
	const { brief } = await follow(session, chainOfVerification);
	expect(brief).toEqual([
		'attempt 1: Five.',
		'critique 2: What is two and two?\nThat is all',
		'critique 1: Four.',
		'revision 2: Four.',
		'decision 2: another',
		'critique 3: Is it?',
		'critique 1: Yes.',
		'revision 3: Four.',
		'decision 3: unchanged',
		'result 3: Four. (unchanged)',
	]);
	expect(session.calls[2]?.asked).toBe('user: What is two and two?');
	expect(session.forks).toBe(0);
});

test('it runs on a real model', async () => {
	await using model = await loadModel(embeddedModel);
	await using session = await model.createSession({ contextLength: 2048, threads: 1 });
	const task = {
		id: 'copy',
		prompt: 'Copy this text:\nMara found a red box near the market. Tom asked Lena.',
	};
	expect((await correct(session, task, chainOfVerification).result).answer).toContain('Mara');
});
