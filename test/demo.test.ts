import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scenes } from '../demo/scenes.js';

test('the demo shows every scene with drafted text marked, and measures it both ways', () => {
	const demo = fileURLToPath(new URL('../demo/demo.ts', import.meta.url));
	const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
	const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', demo], {
		encoding: 'utf8',
		env,
	});
	expect(stderr).toBe('');
	expect(status).toBe(0);
	for (const { title } of scenes) {
		expect(stdout).toContain(`\n${title}\n`);
		expect(stdout).toMatch(new RegExp(`│ ${title} +│ +[\\d.]+ │ +\\d+ │ +\\d+ │ +[\\d.]+× │`));
	}
	expect(stdout).toMatch(/\[[^\]]+\]/);
	for (const { answer } of scenes.filter(({ answer }) => answer !== undefined))
		expect(stdout).toContain(`\n  pass: The program printed ${answer}.\n`);
});
