// Formats the C++ sources with clang-format (.clang-format).
import { execFileSync } from 'node:child_process';

const files = execFileSync('git', ['ls-files', 'cpp', 'test/native', 'bench/native'], { encoding: 'utf8' })
	.split('\n')
	.filter((file) => /\.(cc|h|cu|cuh)$/.test(file));
execFileSync('clang-format', ['-i', ...files], { stdio: 'inherit' });
