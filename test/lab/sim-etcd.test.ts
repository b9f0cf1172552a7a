import { describe, expect, it } from 'vitest';
import { seededRandom } from './seeded-random.ts';
import { EtcdWorld } from './sim-etcd.ts';

const started = () => {
  const world = new EtcdWorld(seededRandom('etcd'));
  const { cluster, member } = world.bootstrap('ca', 'cp-1', '10.0.0.1');
  member.isUp = true;
  return { world, cluster, member };
};

describe('the etcd of the rack', () => {
  it('takes one learner at a time', () => {
    const { cluster } = started();
    const second = cluster.addLearner('cp-2', '10.0.0.2')!;
    second.isUp = true;
    expect(cluster.addLearner('cp-3', '10.0.0.3')).toBeUndefined();
    expect(cluster.promote(second.id)).toBe(true);
    expect(cluster.addLearner('cp-3', '10.0.0.3')).toBeDefined();
  });

  it('loses its quorum with half of the votes, and takes nobody then', () => {
    const { world, cluster, member } = started();
    const second = cluster.addLearner('cp-2', '10.0.0.2')!;
    second.isUp = true;
    cluster.promote(second.id);
    member.isUp = false;
    expect(cluster.hasQuorum).toBe(false);
    expect(cluster.addLearner('cp-3', '10.0.0.3')).toBeUndefined();
    expect(world.joinable('ca')).toBeUndefined();
  });

  it('replaces an earlier member of the same name', () => {
    const { cluster } = started();
    const old = cluster.addLearner('cp-2', '10.0.0.2')!;
    const anew = cluster.addLearner('cp-2', '10.0.0.22')!;
    expect([...cluster.members.keys()]).not.toContain(old.id);
    expect(anew.id).not.toBe(old.id);
  });

  it('becomes two clusters when it is bootstrapped twice', () => {
    const { world, cluster } = started();
    world.bootstrap('ca', 'cp-2', '10.0.0.2');
    expect(world.clusters).toHaveLength(2);
    expect(cluster.members.size).toBe(1);
  });

  it('is closed to nodes with another CA', () => {
    expect(started().world.joinable('other')).toBeUndefined();
  });
});
