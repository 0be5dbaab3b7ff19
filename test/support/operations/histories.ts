import { join } from 'node:path';
import { type Family, maxMembers } from './family.js';
import type { Member } from './kinds.js';

interface Saved {
	path: string;
	history: Int32Array;
	shifted: boolean;
}

/** The operations that change what a member's history is, and which members there are, without generating. */
export class Histories {
	private readonly saved: Saved[] = [];

	constructor(
		private readonly family: Family,
		private readonly folder: string,
	) {}

	async reset(member: Member): Promise<void> {
		const prompt = this.family.text(Math.min(60, this.family.maxHistory));
		this.family.note(`reset ${member.name} to ${prompt.length}`);
		await member.session.rollback(0);
		await this.family.oracle.forgetTwin(member);
		member.history = prompt;
		member.comparable = true;
		await this.family.compute(member, (session) => session.prefill(prompt));
		await this.family.checkHistory(member);
	}

	async prefill(member: Member): Promise<void> {
		const most = this.family.maxHistory;
		const kept = member.history.slice(
			0,
			this.family.choices.below(1 + Math.min(member.history.length, most - 1)),
		);
		const added = this.family.text(Math.min(this.family.choices.of([8, 60, 200]), most - kept.length));
		const prompt = Int32Array.from([...kept, ...added]);
		this.family.note(`prefill ${member.name} with ${kept.length} + ${added.length}`);
		member.history = prompt;
		await this.family.compute(member, (session) => session.prefill(prompt));
		await this.family.checkHistory(member);
	}

	async append(member: Member): Promise<void> {
		const room = this.family.maxHistory - member.history.length;
		if (room < 1) return;
		const added = this.family.text(Math.min(this.family.choices.of([4, 40]), room));
		this.family.note(`append ${added.length} to ${member.name}`);
		member.history = Int32Array.from([...member.history, ...added]);
		await this.family.compute(member, (session) => session.append(added));
		await this.family.checkHistory(member);
	}

	async rollback(member: Member): Promise<void> {
		const length = this.family.choices.chance(40)
			? Math.max(0, member.history.length - 1 - this.family.choices.below(8))
			: this.family.choices.below(member.history.length + 1);
		this.family.note(`rollback ${member.name} from ${member.history.length} to ${length}`);
		member.history = member.history.slice(0, length);
		await member.session.rollback(length);
		await member.twin?.rollback(length);
		await this.family.checkHistory(member);
	}

	async fork(member: Member): Promise<void> {
		if (this.family.members.length >= maxMembers) return;
		const name = this.family.nextName();
		this.family.note(`fork ${member.name} as ${name}`);
		const session = await member.session.fork();
		const comparable = member.comparable && member.twin === null;
		this.family.add(session, member.history, comparable);
	}

	async drop(member: Member): Promise<void> {
		if (this.family.members.length === 1) return;
		this.family.note(`drop ${member.name}`);
		this.family.members.splice(this.family.members.indexOf(member), 1);
		await member.session.dispose();
		await this.family.oracle.forgetTwin(member);
	}

	async save(member: Member): Promise<void> {
		const path = join(this.folder, `${this.saved.length % 3}.state`);
		this.family.note(`save ${member.name} to ${this.saved.length % 3}`);
		await member.session.save(path);
		const shifted = member.twin !== null || !member.comparable;
		this.saved[this.saved.length % 3] = { path, history: member.history, shifted };
	}

	async load(member: Member): Promise<void> {
		if (this.saved.length === 0) return;
		const { path, history, shifted } = this.family.choices.of(this.saved);
		this.family.note(`load ${path.at(-7)} of ${history.length} tokens into ${member.name}`);
		await member.session.load(path);
		await this.family.oracle.forgetTwin(member);
		member.history = history;
		member.comparable = !shifted;
		await this.family.checkHistory(member);
	}
}
