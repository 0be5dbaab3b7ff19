import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { command } from '../../../../lib/correct/verifiers/command.js';
import { fillCmdLine, fillShellLine } from '../../../../lib/correct/verifiers/support/shell-line.js';
import { verify } from '../../../support/verify.js';

afterEach(() => vi.unstubAllEnvs());

const sh = (line: string) => execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' });

/** What each line prints where the path is `path`, whatever is in it. */
const lines: Array<[line: string, printed: (path: string) => string]> = [
	['printf "%s|" {file} end', (path) => `${path}|end|`],
	['printf "%s|" "{file}" end', (path) => `${path}|end|`],
	["printf '%s|' '{file}' end", (path) => `${path}|end|`],
	['printf "%s|" --in={file.txt} "--in={file}"', (path) => `--in=${path}|--in=${path}|`],
	['printf "%s|" "it\'s "{file}', (path) => `it's ${path}|`],
	['printf "%s|" \\"{file}\\"', (path) => `"${path}"|`],
	["printf '%s|' 'a\\' {file}", (path) => `a\\|${path}|`],
	['printf "%s|" "$(printf %s {file})"', (path) => `${path}|`],
	['printf "%s|" "$(printf %s "{file}")"', (path) => `${path}|`],
	['(printf "%s|" {file}); printf "%s|" {file}', (path) => `${path}|${path}|`],
	['printf "%s|" "`printf %s {file}`"', (path) => `${path}|`],
	["x=`printf %s '{file}'`; printf '%s|' \"$x\" {file}", (path) => `${path}|${path}|`],
];

describe('a path in a line of the shell is one word of it', () => {
	test.each(lines)('%s', (line, printed) => {
		const part = fc.constantFrom(
			' ',
			"'",
			'$',
			'$HOME',
			'\\',
			'\n',
			'*',
			';',
			'&',
			'#',
			'~',
			'(',
			')',
			'é',
			'x',
		);
		const quotes = line.includes('"`') ? [] : ['"', '`'];
		fc.assert(
			fc.property(fc.array(fc.oneof(part, fc.constantFrom('-', ...quotes)), { maxLength: 8 }), (parts) => {
				const path = `/tmp/${parts.join('')}/answer`;
				expect(sh(fillShellLine(line, path))).toBe(printed(path));
			}),
			{ numRuns: 25 },
		);
	});

	test.each([' with spaces ', "it's", 'a "b" $HOME `date`', 'back\\slash', 'two\nlines', '-rf; exit 3'])(
		'where the folder for temporary files is %j',
		async (name) => {
			const folder = join(mkdtempSync(join(tmpdir(), 'reprise-shell-')), name);
			mkdirSync(folder);
			vi.stubEnv('TMPDIR', folder);
			for (const line of ['cat {file.txt}', 'cat "{file.txt}"', "cat '{file.txt}'", 'cat < {file}'])
				expect(await verify(command(line, { shell: true }), 'hello')).toEqual({
					outcome: 'pass',
					message: 'hello',
				});
			const failing = command('cat {file} {file}.none', { shell: true });
			expect(await verify(failing, 'hello')).toMatchObject({
				outcome: 'fail',
				// Programs write line ends in names each in their own way.
				...(!name.includes('\n') && { message: expect.not.stringContaining('reprise-') }),
			});
			const direct = command('cat', { arguments: ['{file}'] });
			expect(await verify(direct, 'hello')).toEqual({ outcome: 'pass', message: 'hello' });
			expect(readdirSync(folder)).toEqual([]);
		},
	);
});

test('a path without special characters stands in the line as it is', () => {
	expect(fillShellLine("a {file} '{file.x}' # don't {file}", '/tmp/reprise-1/answer')).toBe(
		"a /tmp/reprise-1/answer '/tmp/reprise-1/answer' # don't /tmp/reprise-1/answer",
	);
});

test('for cmd.exe a path is quoted where it is not yet', () => {
	const path = 'C:\\Users\\Ann Lee & Co\\answer.txt';
	expect(fillCmdLine('type {file.txt} > NUL', path)).toBe(`type "${path}" > NUL`);
	expect(fillCmdLine('type "{file.txt}" {file}', path)).toBe(`type "${path}" "${path}"`);
	expect(fillCmdLine('type {file}', 'C:\\Temp\\answer')).toBe('type C:\\Temp\\answer');
});

test('a folder for temporary files that is relative or missing', async () => {
	vi.stubEnv('TMPDIR', '.');
	const elsewhere = command('cat {file}', { shell: true, cwd: '/' });
	expect(await verify(elsewhere, 'hello')).toEqual({ outcome: 'pass', message: 'hello' });
	vi.stubEnv('TMPDIR', '/no/such/folder');
	await expect(verify(elsewhere, 'hello')).rejects.toMatchObject({
		code: 'VERIFIER_FAILED',
		message: expect.stringContaining('see to the folder for temporary files, /no/such/folder'),
	});
});
