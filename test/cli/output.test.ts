import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reprise } from '../support/cli.js';
import { embeddedModel } from '../support/models.js';

const talks = join(mkdtempSync(join(tmpdir(), 'reprise-output-')), 'talks.jsonl');
const turns = ['Write.', 'Finally?'].map((user) => ({ user, assistant: 'const sum = 2 + 2;' }));
writeFileSync(
	talks,
	`${JSON.stringify({ dataset: 'sums', model: 'pupil', template: 'chatml', turns, correct: [false, true] })}\n`,
);

const generate = ['generate', embeddedModel, '--threads', '1', '--prompt', 'hello', '--max-tokens', '5'];
const commands: string[][] = [
	generate,
	[...generate, '--json'],
	['chat', embeddedModel, '--threads', '1', '--max-tokens', '5'],
	['chat', embeddedModel, '--threads', '1', '--max-tokens', '5', '--json'],
	['info', embeddedModel],
	['info', embeddedModel, '--json'],
	['replay', talks, '--vocab', embeddedModel],
	['replay', talks, '--vocab', embeddedModel, '--json'],
	['correct', embeddedModel, '--recorded', talks],
	['correct', embeddedModel, '--recorded', talks, '--json'],
	['--help'],
	['--version'],
];

describe.skipIf(!existsSync('/dev/full'))('a full disk ends a command with one sentence and status 1', () => {
	test.each(commands.map((args) => [args]))('%j', async (args) => {
		const { status, stderr } = await reprise(args, { stdout: 'full', input: 'hello\n' });
		expect(status).toBe(1);
		expect(stderr).toMatch(
			/(^|\n)reprise: Standard output cannot be written: no space is left where it goes\n$/,
		);
		expect(stderr).not.toMatch(/^\s+at /m);
	});
});

describe('so does a reader that closes the pipe', () => {
	test.each([[generate], [['info', embeddedModel, '--json']], [['--help']]])('%j', async (args) => {
		const { status, stderr } = await reprise(args, { stdout: 'closed' });
		expect(status).toBe(1);
		expect(stderr).toMatch(/(^|\n)reprise: Standard output cannot be written: its reader has closed it\n$/);
	});
});
