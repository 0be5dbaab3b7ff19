import { beforeAll, describe, expect, test } from 'vitest';
import { heldOutEdits, heldOutProblems } from '../demo/held-out.js';
import { demo } from './support/cli.js';

const problems = 5;
const edits = 3;

describe('the demo', () => {
	let stdout = '';
	beforeAll(async () => {
		const outcome = await demo(['--problems', `${problems}`, '--edits', `${edits}`]);
		expect(outcome).toMatchObject({ status: 0, stderr: '' });
		stdout = outcome.stdout;
	}, 300_000);

	/** A section's text, from its title to the next empty line and title. */
	const section = (title: RegExp): string => {
		const start = stdout.search(title);
		expect(start, `${title}`).toBeGreaterThanOrEqual(0);
		return stdout.slice(start);
	};

	/** The cells of the first table after a title, by row, as numbers where they hold one. */
	const rows = (title: RegExp): Record<string, number[]> => {
		const [table = ''] = section(title).match(/^┌[\s\S]*?┘$/m) ?? [];
		const lines = [...table.matchAll(/^│(.+)│$/gm)].slice(1);
		const cells = lines.map(([, line = '']) => line.split('│').map((cell) => cell.trim()));
		return Object.fromEntries(cells.map(([name = '', ...rest]) => [name, rest.map(Number.parseFloat)]));
	};

	const verified = /^5 word problems, solved with a verifier$/m;
	const alone = /^The same problems, reconsidered by the model alone$/m;
	const turns = /^Turn by turn: these, and 3 texts/m;

	test('solves the first held-out problems live, drafted text marked, with what the verifier says', () => {
		const shown = section(/^Word problems, solved with a verifier$/m);
		for (const { prompt } of heldOutProblems(3, 1)) expect(shown).toContain(`> ${prompt.split('\n')[0]}`);
		expect(shown).toMatch(/^ {2}[✓✗] The program /m);
		expect(shown).toMatch(/\[[^\]]+\]/);
	});

	test('lets the model reconsider a program, and edit a text', () => {
		const asked = section(/^A word problem, reconsidered by the model alone$/m);
		expect(asked).toMatch(/> Check your program\.[\s\S]*> Provide the final program\.[\s\S]*[✓✗] /);
		for (const { request } of heldOutEdits(1, 1)[0] ?? [])
			expect(section(/^A text, edited$/m)).toContain(`> ${request.split('\n')[0]}`);
	});

	test('prints accuracy, CL, CS and speeds by round', () => {
		for (const title of [verified, alone]) {
			const { 1: first, all } = rows(title);
			expect([first?.[0], all?.[0]]).toEqual([problems, problems]);
			for (const [answers, ...shares] of Object.values(rows(title))) {
				expect(answers).toBeLessThanOrEqual(problems);
				for (const share of shares.slice(0, 3).filter((share) => !Number.isNaN(share)))
					expect(share).toSatisfy((percent: number) => percent >= 0 && percent <= 100);
			}
		}
	});

	test('with a verifier, answers only become right', () => {
		const { 1: first, all } = rows(verified);
		expect(first?.[1]).toBeGreaterThanOrEqual(0);
		expect(all?.[1]).toBeGreaterThanOrEqual(first?.[1] as number);
	});

	test('prints tokens per pass, and the ratio of the speeds with drafts and without', () => {
		const table = rows(turns);
		expect(Object.keys(table)).toEqual([
			...['Program', 'Re-reading', 'Final program'],
			...['First edit', 'Second edit', 'Third edit'],
		]);
		for (const [replies, , wide = 0, perPass = 0, drafted = 0, plain = 0, ratio = 0] of Object.values(
			table,
		)) {
			expect([problems, edits]).toContain(replies);
			expect(perPass).toBeGreaterThanOrEqual(1);
			// 16 drafted and one more at the most; 'auto' may draft more where that pays.
			expect(wide).toBeGreaterThanOrEqual(1);
			expect(wide).toBeLessThanOrEqual(17);
			expect(Math.abs(ratio - drafted / plain)).toBeLessThan(0.02 + 0.02 * ratio);
		}
		expect(table['Final program']?.[2]).toBeGreaterThan(1);
	});

	test('compares the texts of both ways', () => {
		const [, same, all] = stdout.match(/With drafts and without, (\d+) of (\d+) texts are the same\./) ?? [];
		expect(Number(all)).toBe(2 * problems + 3 * edits);
		// Near-ties may fall either way.
		expect(Number(same)).toBeGreaterThanOrEqual(0.8 * Number(all));
	});
});

test('Ctrl-C ends the demo', async () => {
	const { status, stderr } = await demo([], { onOutput: (pid) => process.kill(pid, 'SIGINT') });
	expect({ status, stderr }).toEqual({ status: 130, stderr: 'Interrupted\n' });
});

test('an option that says nothing is named', async () => {
	const { status, stderr } = await demo(['--problems', '0']);
	expect(status).toBe(1);
	expect(stderr).toContain('Expected an integer');
	expect(stderr).toContain('--problems');
});
