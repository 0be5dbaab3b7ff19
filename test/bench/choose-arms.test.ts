import { describe, expect, test } from 'vitest';
import { chooseArms, familyNames } from '../../lib/bench/choose-arms.js';

const names = (...against: string[]) => chooseArms(against, '/nowhere').map(({ name }) => name);

describe('arms', () => {
	test('are those of Reprise, and what it is measured against, each once', () => {
		expect(names()).toEqual(['reprise']);
		expect(names('plain', 'plain', 'reprise')).toEqual(['reprise', 'plain']);
	});

	test('of all programs have names of their own, and each can be named alone', () => {
		const all = names(...familyNames);
		expect(new Set(all).size).toBe(all.length);
		for (const name of all)
			expect(names(familyNames.includes(name) ? `${name}:plain` : name)).toEqual([
				...new Set(['reprise', name]),
			]);
	});

	test('have no flags that the benchmark sets', () => {
		expect(() => names('llama-server --port 1')).toThrow('--port is what reprise bench sets itself');
		expect(() => names('server=/somewhere -t 4')).toThrow('-t is what reprise bench sets itself');
	});

	test('that nobody knows are refused with the nearest one', () => {
		expect(() => names('plane')).toThrow('did you mean plain?');
		expect(() => names('something else')).toThrow('there are plain');
	});
});
