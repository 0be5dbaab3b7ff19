import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { embeddedModel } from '../support/models.js';
import { hasTerminals, Terminal } from '../support/terminal.js';

const [ctrlC, ctrlD, enter] = ['\x03', '\x04', '\r'];
const paste = (text: string) => `\x1b[200~${text}\x1b[201~`;
const prompt = /> /;
const replied = /tokens\/s ·.*\r\n/;
/** Select Graphic Rendition: colors and the like. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
const styled = /\x1b\[[\d;]*m/;

const unending = join(mkdtempSync(join(tmpdir(), 'reprise-terminal-')), 'unending.gbnf');
writeFileSync(unending, 'root ::= "a" root');

let terminal: Terminal;
function chat(args: readonly string[] = [], variables?: Record<string, string>): Terminal {
	const short = args.includes('--max-tokens') ? [] : ['--max-tokens', '5'];
	terminal = new Terminal(['chat', embeddedModel, '--threads', '1', ...short, ...args], variables);
	return terminal;
}
afterEach(() => terminal.kill());

/** What the chat holds, as `/messages` shows it. */
async function messagesOf(open: Terminal): Promise<string> {
	await open.type(`/messages${enter}`, /\/messages\r*\n/);
	return (await open.until(prompt)).replaceAll('\r', '');
}

describe.skipIf(!hasTerminals)('reprise chat in a terminal', () => {
	test('takes pasted lines, with what is typed around them, as one message', async () => {
		const open = chat();
		await open.until(prompt);
		await open.type(`Read: ${paste('one\r\rtwo\\\r/retry\rthree')}, and go on.`, /go on\./);
		expect(open.shown).not.toMatch(replied);
		await open.type(enter, replied);
		await open.until(prompt);
		expect(await messagesOf(open)).toMatch(
			/^user: Read: one\n\ntwo\\\n\/retry\nthree, and go on\.\nassistant: /,
		);
		expect(open.shown.match(new RegExp(replied, 'g'))).toHaveLength(1);
	});

	test('does not send a paste by the end of its last line', async () => {
		const open = chat();
		await open.until(prompt);
		await open.type(paste('one\ntwo\n'), /two/);
		await open.type(enter, replied);
		await open.until(prompt);
		expect(await messagesOf(open)).toMatch(/^user: one\ntwo\nassistant: /);
	});

	test('asks for marks around pastes while it runs, and no longer', async () => {
		const open = chat();
		await open.until(prompt);
		expect(open.shown).toContain('\x1b[?2004h');
		await open.type(ctrlD);
		expect(await open.ended).toBe(0);
		expect(open.shown.lastIndexOf('\x1b[?2004l')).toBeGreaterThan(open.shown.lastIndexOf('\x1b[?2004h'));
	});

	test('clears a half-typed line, or a half-typed message of several, at Ctrl-C, and leaves at the next', async () => {
		const open = chat();
		await open.until(prompt);
		await open.type('half a line', /half a line/);
		await open.type(ctrlC, prompt);
		await open.type(`first\\${enter}second`, /second/);
		await open.type(ctrlC, prompt);
		await open.type(paste('pasted\rlines'), /lines/);
		await open.type(ctrlC, prompt);
		await open.type(`whole${enter}`, replied);
		await open.until(prompt);
		expect(await messagesOf(open)).toMatch(/^user: whole\nassistant: /);
		await open.type(ctrlC);
		expect(await open.ended).toBe(0);
	});

	test('stops a reply at Ctrl-C, keeps it, and goes on', async () => {
		const open = chat(['--max-tokens', '100000', '--context-length', '8192', '--grammar', unending]);
		await open.until(prompt);
		await open.type(`go${enter}`, /aaaa/);
		await open.type(ctrlC, /interrupted/);
		await open.until(prompt);
		expect(await messagesOf(open)).toMatch(/^user: go\nassistant: a+\n/);
		await open.type(`/exit${enter}`);
		expect(await open.ended).toBe(0);
	});

	test('says that a name alone is no command, and goes on', async () => {
		const open = chat();
		await open.until(prompt);
		await open.type(`/retri${enter}`, /There is no command \/retri: did you mean \/retry\?/);
		await open.type(`/help me${enter}`, /The command \/help takes no text; put a space before it/);
		await open.type(`/home/me/a.txt is missing${enter}`, replied);
		await open.until(prompt);
		expect(await messagesOf(open)).toMatch(/^user: \/home\/me\/a\.txt is missing\nassistant: /);
	});

	test.each([
		['colors', {}, true],
		['none with NO_COLOR', { NO_COLOR: '1' }, false],
		['none with FORCE_COLOR=0', { FORCE_COLOR: '0' }, false],
		['none where the terminal is dumb', { TERM: 'dumb' }, false],
		['colors in a dumb terminal with FORCE_COLOR', { TERM: 'dumb', FORCE_COLOR: '1' }, true],
	])('has %s', async (_, variables, colored) => {
		const open = chat(['--show-drafts', '--max-tokens', '40'], variables);
		await open.until(prompt);
		await open.type(`Copy this text: Mara found a red box near the market.${enter}`, replied);
		await open.until(prompt);
		if (colored) expect(open.shown).toMatch(styled);
		else expect(open.shown).not.toMatch(styled);
	});
});
