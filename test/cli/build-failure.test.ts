import { expect, test } from 'vitest';
import { failureIn } from '../../lib/cli/build-failure.js';

const stack = `node:internal/errors:984
Error: Command failed: node cmake-js configure
    at genericNodeError (node:internal/errors:984:15)
  pid: 23983`;

test.each([
	[
		'CMake',
		`-- The C compiler is GNU\nCMake Error at ggml/CMakeLists.txt:12 (target_link_libraries):\n  Target "ggml-cuda" links to:\n\n    CUDA::cublas\n\n  but the target was not found.\n\n\n-- Generating done\n${stack}`,
		'CMake Error at ggml/CMakeLists.txt:12 (target_link_libraries): Target "ggml-cuda" links to: CUDA::cublas but the target was not found.',
	],
	[
		'a compiler',
		`[1/208] Building CXX object error.cc.o\nFAILED: a.o\ncpp/a.cc:3:1: error: expected '}'\nninja: build stopped\n${stack}`,
		"cpp/a.cc:3:1: error: expected '}'",
	],
	['a linker', `b.o: undefined reference to \`f'\n${stack}`, "b.o: undefined reference to `f'"],
	[
		'a script of ours',
		`node:internal/errors:984\nError: The compiler of linux-x64 makes no code for linux-arm64\n    at target (target.mjs:3:1)`,
		'The compiler of linux-x64 makes no code for linux-arm64',
	],
	['nobody', stack, undefined],
])('what %s says is the failure', (_, log, failure) => {
	expect(failureIn(log)).toBe(failure);
});
