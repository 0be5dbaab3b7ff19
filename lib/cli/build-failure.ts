/** What CMake, a compiler, a linker or our own script named as the failure; the stacks of scripts say less. */
export function failureIn(log: string): string | undefined {
	const lines = log.split('\n').map((line) => line.trimEnd());
	const cmake = lines.findIndex((line) => line.startsWith('CMake Error'));
	if (cmake >= 0) {
		const end = lines.findIndex((line, i) => i > cmake && line !== '' && !line.startsWith(' '));
		return oneLine(lines.slice(cmake, end < 0 ? cmake + 8 : Math.min(end, cmake + 8)));
	}
	const tool = lines.find((line) =>
		/\berror: |\bfatal error\b|undefined reference|: error [A-Z]+\d+:/.test(line),
	);
	if (tool !== undefined) return oneLine([tool]);
	const script = lines.find((line) => /^(?:\w*Error|error): (?!Command failed)/.test(line));
	return script && oneLine([script.replace(/^\w*Error: /, '')]);
}

const oneLine = (lines: readonly string[]) => lines.join(' ').replaceAll(/\s+/g, ' ').trim();
