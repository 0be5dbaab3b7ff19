import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

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

/** What the first bytes of a file say of it, as far as it is a shared library. */
export interface Binary {
	/** What it was built for, such as `linux arm64`; ELF is taken for Linux's, whatever system it is of. */
	readonly platform: string;
	/** The bytes that the file has, and those that it has to have at least. */
	readonly bytes: number;
	readonly leastBytes: number;
}

/** What is wrong with a file that was copied in part, which a system would end the process for; null where it is whole. */
export const cutOff = ({ bytes, leastBytes }: Binary): string | null =>
	bytes < leastBytes ? `is cut off: it has ${bytes} of ${leastBytes} bytes` : null;

/** Reads the head of a shared library; null where the file is none. */
export function readBinary(path: string): Binary | null {
	const head = Buffer.alloc(4096);
	const file = openSync(path, 'r');
	try {
		const { size } = fstatSync(file);
		const length = readSync(file, head, 0, head.length, 0);
		const read = length < 64 ? null : (readElf(head) ?? readMachO(head) ?? readPe(head));
		return read && { ...read, bytes: size };
	} finally {
		closeSync(file);
	}
}

type Head = Pick<Binary, 'platform' | 'leastBytes'>;

/** Linkers write the table of sections at the end of the file. */
function readElf(head: Buffer): Head | null {
	if (head.readUInt32BE(0) !== 0x7f454c46) return null;
	const leastBytes = Number(head.readBigUInt64LE(40)) + head.readUInt16LE(58) * head.readUInt16LE(60);
	return { platform: `linux ${elf[head.readUInt16LE(18)] ?? 'other'}`, leastBytes };
}

/** The segments, by the load commands of 64 bits, end where the file ends. */
function readMachO(head: Buffer): Head | null {
	if (head.readUInt32LE(0) !== 0xfeedfacf) return null;
	let leastBytes = 0;
	let at = 32;
	for (let left = head.readUInt32LE(16); left > 0 && at + 56 <= head.length; left--) {
		const isSegment = head.readUInt32LE(at) === 0x19;
		if (isSegment)
			leastBytes = Math.max(
				leastBytes,
				Number(head.readBigUInt64LE(at + 40)) + Number(head.readBigUInt64LE(at + 48)),
			);
		at += Math.max(8, head.readUInt32LE(at + 4));
	}
	return { platform: `darwin ${machO[head.readUInt32LE(4)] ?? 'other'}`, leastBytes };
}

function readPe(head: Buffer): Head | null {
	if (head.toString('latin1', 0, 2) !== 'MZ') return null;
	const at = head.readUInt32LE(60);
	if (at + 24 > head.length || head.toString('latin1', at, at + 2) !== 'PE') return null;
	let leastBytes = 0;
	const sections = at + 24 + head.readUInt16LE(at + 20);
	for (let i = 0; i < head.readUInt16LE(at + 6); i++) {
		const section = sections + 40 * i;
		if (section + 40 > head.length) break;
		leastBytes = Math.max(leastBytes, head.readUInt32LE(section + 16) + head.readUInt32LE(section + 20));
	}
	return { platform: `win32 ${pe[head.readUInt16LE(at + 4)] ?? 'other'}`, leastBytes };
}
