import { closeSync, openSync, readSync } from 'node:fs';

/** The processors of ELF's `e_machine`, as Node names them. */
const elf: Readonly<Record<number, string>> = {
	3: 'ia32',
	40: 'arm',
	62: 'x64',
	183: 'arm64',
	243: 'riscv64',
};
/** Those of Mach-O's `cputype`. */
const machO: Readonly<Record<number, string>> = { 16777223: 'x64', 16777228: 'arm64' };
/** Those of PE's `Machine`. */
const pe: Readonly<Record<number, string>> = { 332: 'ia32', 34404: 'x64', 43620: 'arm64' };

/**
 * What a shared library was built for, by its first bytes, such as `linux arm64`; null where they are no library's.
 * ELF is taken for Linux's, whatever system it is of.
 */
export function platformOfBinary(path: string): string | null {
	const head = Buffer.alloc(4096);
	const file = openSync(path, 'r');
	let length: number;
	try {
		length = readSync(file, head, 0, head.length, 0);
	} finally {
		closeSync(file);
	}
	if (length < 64) return null;
	if (head.readUInt32BE(0) === 0x7f454c46) return `linux ${elf[head.readUInt16LE(18)] ?? 'other'}`;
	if (head.readUInt32LE(0) === 0xfeedfacf) return `darwin ${machO[head.readUInt32LE(4)] ?? 'other'}`;
	if (head.toString('latin1', 0, 2) !== 'MZ') return null;
	const at = head.readUInt32LE(60);
	if (at + 6 > length || head.toString('latin1', at, at + 2) !== 'PE') return null;
	return `win32 ${pe[head.readUInt16LE(at + 4)] ?? 'other'}`;
}
