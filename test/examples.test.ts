import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { llamaSourceDir } from './support/llama-source.js';
import { embeddedModel, formModel } from './support/models.js';

const example = (name: string) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'reprise-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const toolTemplate = () =>
	readFileSync(join(llamaSourceDir(), 'models', 'templates', 'Qwen-Qwen2.5-7B-Instruct.jinja'), 'utf8');

function run(name: string, args: readonly string[]): string {
	const { status, stdout, stderr } = spawnSync(process.execPath, [example(name), ...args], {
		encoding: 'utf8',
	});
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	return stdout;
}

test('fill-forms fills in a form for each note, and says how many tokens a pass gave', () => {
	const printed = run('scripts/fill-forms.mjs', [formModel]);
	expect(printed.match(/city: '(Oslo|Lisbon|elsewhere)'/g)).toHaveLength(3);
	const perPass = [...printed.matchAll(/([\d.]+) tokens per pass/g)].map(([, figure]) => Number(figure));
	expect(perPass).toHaveLength(3);
	for (const figure of perPass) expect(figure).toBeGreaterThanOrEqual(1);
});

test('express streams an answer, and refuses what is no request', async () => {
	const server = spawn(process.execPath, [example('web/express.mjs'), formModel, '0']);
	const ended = once(server, 'exit').then(([status]) => Promise.reject(new Error(`It ended with ${status}`)));
	const [line] = await Promise.race([once(server.stdout, 'data'), ended]);
	const url = /http:\S+/.exec(String(line))?.[0] ?? '';
	const post = (body: string) =>
		fetch(`${url}/reply`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
	const ask = (question: string) => post(JSON.stringify({ question }));
	const answers = await Promise.all(
		['Mara', 'Tom'].map((name) => ask(`Copy this text:\n${name} found a box.`)),
	);
	for (const answer of answers) expect((await answer.text()).length).toBeGreaterThan(5);
	expect((await ask('box '.repeat(20_000))).status).toBe(400);
	expect((await post('{')).status).toBe(400);
	server.kill('SIGTERM');
	await expect(ended).rejects.toThrow('It ended with 0');
});

test('route answers as the page’s useChat expects', async () => {
	process.env.MODEL = formModel;
	const { POST } = (await import(example('web/route.mjs'))) as {
		POST: (request: Request) => Promise<Response>;
	};
	const messages = [
		{ id: '1', role: 'user', parts: [{ type: 'text', text: 'Copy this text:\nMara found a box.' }] },
	];
	const request = new Request('http://localhost/api/chat', {
		method: 'POST',
		body: JSON.stringify({ messages }),
	});
	const events = (await (await POST(request)).text())
		.split('\n\n')
		.filter((event) => event.startsWith('data: {'))
		.map((event) => JSON.parse(event.slice(6)) as { type: string; delta?: string });
	const text = events.map(({ type, delta }) => (type === 'text-delta' ? delta : '')).join('');
	expect(text).toBe('Mara found a box.');
	expect(events.at(-1)?.type).toBe('finish');
});

test('edit-agent says what a template without tools lacks, and leaves the file as it was', () => {
	const file = join(folder, 'notes.txt');
	writeFileSync(file, 'Mara found a box.\n');
	const args = [example('scripts/edit-agent.mjs'), formModel, file, 'Change the box into a bag.'];
	const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
	expect(status).toBe(1);
	expect(stderr).toMatch(/^The chat template does not show the model any tools; .*\n$/);
	expect(readFileSync(file, 'utf8')).toBe('Mara found a box.\n');
});

test('edit-agent edits its file, and quotes what it has read for fewer passes with every turn', () => {
	const sentences = [
		'Mara found a red box near the harbor and carried it to the market.',
		'Tom keeps the coins in a green bag, and Lena counts them every Friday.',
		'Ivo went to the river with the old map, and nobody has seen him since.',
		'The library opens at nine, and the cat of the house sleeps on the newspapers.',
		'Every evening somebody plays the violin behind the yellow door, always the same three songs.',
		'Mara says that the sea was louder last year, when the ships still came from the north.',
		'In winter the ferry stays in the harbor, and the children walk over the ice to school.',
		'Nobody knows who lights the lamp at the end of the pier, but it has never been dark there.',
		'The baker sends two loaves to the lighthouse, one for the keeper and one for his dog.',
		'When the wind turns, Lena closes the shutters, counts to ten and opens them again.',
	];
	const before = `${sentences.join('\n')}\n`;
	const file = join(folder, 'story.txt');
	writeFileSync(file, before);
	const old = sentences.slice(0, 2).join('\n');
	const changed = old.replace('red box', 'blue box').replace('green bag', 'black bag');
	const call = (name: string, given: object) =>
		`<tool_call>\n${JSON.stringify({ name, arguments: given })}\n</tool_call>`;
	const after = before.replace(old, changed);
	// The model of the tests knows no tools. What a clever one says is given; what it costs is measured.
	const replies = [
		`First I want to see what stands there; then I shall know which words are meant.\n${call('read_file', {})}`,
		`Two of them are colours, a red one and a green one.\n${call('replace_text', { old, new: changed })}`,
		`I changed the colours:\n${after}`,
	];
	const env = { ...process.env, REPLIES: JSON.stringify(replies), TEMPLATE: toolTemplate() };
	const preload = new URL('support/recorded-replies.mjs', import.meta.url).href;
	const args = [
		'--import',
		preload,
		example('scripts/edit-agent.mjs'),
		embeddedModel,
		file,
		'Change colours.',
	];
	const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	expect(readFileSync(file, 'utf8')).toBe(after);
	expect(stdout).toContain('I changed the colours');
	const perPass = [...stdout.matchAll(/turn (\d): \d+ tokens, ([\d.]+) per pass/g)].map(([, , figure]) =>
		Number(figure),
	);
	expect(perPass).toHaveLength(3);
	expect(perPass).toEqual([...perPass].sort((one, other) => one - other));
	expect(perPass[2]).toBeGreaterThan(3);
});
