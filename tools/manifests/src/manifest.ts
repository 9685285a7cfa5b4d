export type Labels = Readonly<Record<string, string>>;

export type Selector = {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
};

export type Probe = {
  readonly httpGet?: { readonly path?: string; readonly port: string | number };
};

type Amounts = Readonly<Record<string, string | number>>;

export type Container = {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: {
      readonly fieldRef?: { readonly fieldPath: string };
      readonly secretKeyRef?: { readonly name?: string };
    };
  }[];
  readonly envFrom?: readonly {
    readonly configMapRef?: { readonly name?: string };
    readonly secretRef?: { readonly name?: string };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly resources?: { readonly requests?: Amounts; readonly limits?: Amounts };
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  };
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
};

export type PodSpec = {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly securityContext?: {
    readonly runAsNonRoot?: boolean;
    readonly runAsUser?: number;
    readonly seccompProfile?: { readonly type: string };
  };
  readonly topologySpreadConstraints?: readonly { readonly labelSelector?: Selector }[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
};

export type PodTemplate = {
  readonly metadata?: { readonly labels?: Labels };
  readonly spec: PodSpec;
};

type Port = { readonly port?: number | string; readonly protocol?: string };

export type Peer = {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string };
};

/** What the rules read of the kinds that they know. */
type Kinds = {
  ConfigMap: { readonly data?: Readonly<Record<string, string>> };
  Namespace: object;
  ServiceAccount: { readonly automountServiceAccountToken?: boolean };
  Service: {
    readonly spec: {
      readonly selector?: Labels;
      readonly ports?: readonly { readonly port: number; readonly targetPort?: number | string }[];
    };
  };
  Deployment: {
    readonly spec: {
      readonly replicas?: number;
      readonly selector: Selector;
      readonly template: PodTemplate;
      readonly strategy?: {
        readonly type?: string;
        readonly rollingUpdate?: { readonly maxUnavailable?: number | string };
      };
    };
  };
  Job: { readonly spec: { readonly template: PodTemplate } };
  PodDisruptionBudget: {
    readonly spec: { readonly selector?: Selector; readonly maxUnavailable?: number | string };
  };
  HorizontalPodAutoscaler: {
    readonly spec: {
      readonly scaleTargetRef: { readonly kind: string; readonly name: string };
      readonly minReplicas?: number;
      readonly maxReplicas: number;
      readonly metrics?: readonly {
        readonly type: string;
        readonly external?: {
          readonly metric: { readonly name: string; readonly selector?: Selector };
        };
      }[];
    };
  };
  NetworkPolicy: {
    readonly spec: {
      readonly podSelector?: Selector;
      readonly policyTypes?: readonly string[];
      readonly ingress?: readonly {
        readonly from?: readonly Peer[];
        readonly ports?: readonly Port[];
      }[];
      readonly egress?: readonly {
        readonly to?: readonly Peer[];
        readonly ports?: readonly Port[];
      }[];
    };
  };
  Ingress: {
    readonly spec: {
      readonly rules?: readonly {
        readonly http?: {
          readonly paths: readonly {
            readonly backend: { readonly service?: { readonly name: string } };
          }[];
        };
      }[];
    };
  };
};

/** One Kubernetes object, as an overlay renders it. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
  };
};

export type Of<Kind extends keyof Kinds> = Manifest & Kinds[Kind];

/** Looks at all objects of an overlay and says what is wrong, in a sentence each; nothing when all is well. */
export type Rule = (objects: readonly Manifest[]) => readonly string[];

export const NAME_LABEL = 'app.kubernetes.io/name';
export const COMPONENT_LABEL = 'app.kubernetes.io/component';

export const ofKind = <Kind extends keyof Kinds>(
  objects: readonly Manifest[],
  kind: Kind,
): readonly Of<Kind>[] => objects.filter((object): object is Of<Kind> => object.kind === kind);

export const titleOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;

/** Deployments and Jobs: what brings pods. */
export const workloads = (
  objects: readonly Manifest[],
): readonly (Of<'Deployment'> | Of<'Job'>)[] => [
  ...ofKind(objects, 'Deployment'),
  ...ofKind(objects, 'Job'),
];

export const podLabels = ({ spec }: Of<'Deployment'> | Of<'Job'>): Labels =>
  spec.template.metadata?.labels ?? {};

export const containersOf = ({ spec }: Of<'Deployment'> | Of<'Job'>): readonly Container[] => [
  ...spec.template.spec.containers,
  ...(spec.template.spec.initContainers ?? []),
];

/** True when the selector selects these labels; an empty one selects everything, as Kubernetes has it. */
export const selects = (selector: Selector = {}, labels: Labels): boolean =>
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
  (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      default:
        return value === undefined;
    }
  });
