import { environmentOf } from '../environment.js';
import { NAME_LABEL, ofKind, podLabels, selects, titleOf, type Rule } from '../manifest.js';

/** Every Deployment has one disruption budget that lets a node be drained; replicas spread over nodes. */
export const survivesDrains: Rule = (objects) =>
  ofKind(objects, 'Deployment').flatMap((deployment) => {
    const labels = podLabels(deployment);
    const budgets = ofKind(objects, 'PodDisruptionBudget').filter(({ spec }) =>
      selects(spec.selector ?? {}, labels),
    );
    const scaler = ofKind(objects, 'HorizontalPodAutoscaler').find(
      ({ spec }) => spec.scaleTargetRef.name === deployment.metadata.name,
    );
    const replicas = scaler?.spec.minReplicas ?? deployment.spec.replicas ?? 1;
    const spread = deployment.spec.template.spec.topologySpreadConstraints ?? [];
    const isSpread = spread.some(
      ({ labelSelector }) =>
        Object.keys(labelSelector?.matchLabels ?? {}).length > 0 && selects(labelSelector!, labels),
    );
    return [
      ...(budgets.length === 1 ? [] : [`${budgets.length} disruption budgets`]),
      ...budgets
        .filter(({ spec }) => !(Number(spec.maxUnavailable) >= 1))
        .map(() => 'no pod may ever be evicted'),
      ...(replicas > 1 && !isSpread ? [`${replicas} replicas may all be on one node`] : []),
    ].map((finding) => `${titleOf(deployment)}: ${finding}`);
  });

/** Autoscalers scale something that is there, alone, by its own lag, and not beyond what Kafka can share out. */
export const scalesSoundly: Rule = (objects) =>
  ofKind(objects, 'HorizontalPodAutoscaler').flatMap((scaler) => {
    const { scaleTargetRef, minReplicas = 1, maxReplicas, metrics = [] } = scaler.spec;
    const target = ofKind(objects, 'Deployment').find(
      ({ metadata }) => metadata.name === scaleTargetRef.name,
    );
    if (!target || scaleTargetRef.kind !== 'Deployment')
      return [`${titleOf(scaler)}: nothing is called ${scaleTargetRef.name}`];
    const { KAFKA_PARTITIONS } = environmentOf(objects, target);
    const lags = metrics.filter(({ type }) => type === 'External');
    return [
      ...(target.spec.replicas === undefined ? [] : ['its target says `replicas` too']),
      ...(minReplicas <= maxReplicas ? [] : ['at least is more than at most']),
      ...(metrics.length > 0 ? [] : ['follows nothing']),
      ...(lags.length > 0 && maxReplicas > Number(KAFKA_PARTITIONS)
        ? [`${maxReplicas} replicas share ${KAFKA_PARTITIONS} partitions`]
        : []),
      ...lags
        .filter(
          ({ external }) =>
            external?.metric.selector?.matchLabels?.app !== podLabels(target)[NAME_LABEL],
        )
        .map(() => 'follows the lag of another service'),
    ].map((finding) => `${titleOf(scaler)}: ${finding}`);
  });
