import {
  contractOf,
  type ContractClass,
  type ContractMessage,
  type Topic,
} from '@throughline/contracts';

/** Topics in memory: every reader gets each in order, at a speed of its own. */
export class Topics {
  readonly #log = new Map<Topic, ContractMessage[]>();
  readonly #read = new Map<string, number>();

  /** Publishes what a simulated service says; it must be what the contract says. */
  publish<Data extends object>(type: ContractClass<Data>, key: string, data: NoInfer<Data>): void {
    const { topic } = contractOf(type);
    const id = `${topic}-${this.#of(topic).length}`;
    this.add({
      id,
      type: type.name,
      topic,
      source: 'world',
      key,
      time: '2026-11-01T09:30:00Z',
      data,
      correlationId: id,
      causationId: id,
      stream: `world-${key}`,
      streamRevision: this.#of(topic).length,
    });
  }

  add(message: ContractMessage): void {
    this.#of(message.topic).push(message);
  }

  /** The next message of a topic for a reader; undefined when it has seen all. */
  next(topic: Topic, reader: string): ContractMessage | undefined {
    const key = `${topic} ${reader}`;
    const at = this.#read.get(key) ?? 0;
    const message = this.#of(topic)[at];
    if (message) this.#read.set(key, at + 1);
    return message;
  }

  hasNext(topic: Topic, reader: string): boolean {
    return (this.#read.get(`${topic} ${reader}`) ?? 0) < this.#of(topic).length;
  }

  /** What a reader has seen of a topic: any of it may come again. */
  seen(topic: Topic, reader: string): readonly ContractMessage[] {
    return this.#of(topic).slice(0, this.#read.get(`${topic} ${reader}`) ?? 0);
  }

  #of(topic: Topic): ContractMessage[] {
    const log = this.#log.get(topic) ?? [];
    this.#log.set(topic, log);
    return log;
  }
}
