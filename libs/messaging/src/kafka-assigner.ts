import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

const VERSION = 1;

/**
 * Gives partition 3 of every topic of a group to the same member, so that a key's messages of a topic and of the
 * group's replay topic, which has as many partitions, are handled in one process, in turn.
 */
export const samePartitionsTogether: PartitionAssigner = ({ cluster }) => ({
  name: 'SamePartitionsTogether',
  version: VERSION,

  assign: async ({ members, topics }) => {
    const sorted = members.map(({ memberId }) => memberId).sort();
    const assignments = new Map(sorted.map((id) => [id, new Map<string, number[]>()]));
    for (const topic of topics)
      for (const { partitionId } of cluster.findTopicPartitionMetadata(topic)) {
        const assignment = assignments.get(sorted[partitionId % sorted.length]!)!;
        assignment.set(topic, [...(assignment.get(topic) ?? []), partitionId]);
      }
    return sorted.map((memberId) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment: Object.fromEntries(assignments.get(memberId)!),
        userData: Buffer.alloc(0),
      }),
    }));
  },

  protocol: ({ topics }) => ({
    name: 'SamePartitionsTogether',
    metadata: AssignerProtocol.MemberMetadata.encode({
      version: VERSION,
      topics,
      userData: Buffer.alloc(0),
    }),
  }),
});
