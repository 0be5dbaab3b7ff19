// Formats the C++ sources with clang-format (.clang-format).
import { execFileSync } from 'node:child_process';

const folders = ['cpp', 'test/native', 'bench/native', 'scripts/priors'];
const files = execFileSync('git', ['ls-files', ...folders], { encoding: 'utf8' })
	.split('\n')
	.filter((file) => /\.(cc|cuh?|h)$/.test(file));
execFileSync('clang-format', ['-i', ...files], { stdio: 'inherit' });
