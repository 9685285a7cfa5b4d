import { isUrgent } from '@throughline/kernel';

/** What one carrier asks for one parcel. */
export type Quote = {
  readonly carrier: string;
  readonly service: string;
  readonly costMinor: number;
  readonly currency: string;
};

type Rate = {
  readonly carrier: string;
  readonly service: string;
  readonly isUrgent: boolean;
  /** Where it delivers; null is everywhere. */
  readonly countries: ReadonlySet<string> | null;
  readonly weightGramsMax: number;
  readonly baseMinor: number;
  /** For every kilogram begun. */
  readonly kilogramMinor: number;
};

const EXPRESS_COUNTRIES: ReadonlySet<string> = new Set([
  'AT',
  'BE',
  'CH',
  'DE',
  'DK',
  'ES',
  'FR',
  'GB',
  'IE',
  'IT',
  'LU',
  'NL',
  'PT',
  'SE',
  'US',
]);

/** Assumed where a package was not weighed. */
export const WEIGHT_GRAMS_DEFAULT = 1_000;
export const RATE_CURRENCY = 'EUR';
/** A heavier parcel costs no more: earlier releases took weights beyond any number that can be counted. */
const CHARGED_GRAMS_MAX = 1_000_000_000;
const KILOGRAM_GRAMS = 1_000;

/** The built-in carriers. Standard and worldwide take anything anywhere, so every parcel finds a rate. */
const RATES: readonly Rate[] = [
  {
    carrier: 'throughline-post',
    service: 'standard',
    isUrgent: false,
    countries: null,
    weightGramsMax: CHARGED_GRAMS_MAX,
    baseMinor: 390,
    kilogramMinor: 110,
  },
  {
    carrier: 'throughline-post',
    service: 'packet',
    isUrgent: false,
    countries: null,
    weightGramsMax: 750,
    baseMinor: 320,
    kilogramMinor: 0,
  },
  {
    carrier: 'throughline-express',
    service: 'express',
    isUrgent: true,
    countries: EXPRESS_COUNTRIES,
    weightGramsMax: 30_000,
    baseMinor: 890,
    kilogramMinor: 180,
  },
  {
    carrier: 'throughline-express',
    service: 'worldwide',
    isUrgent: true,
    countries: null,
    weightGramsMax: CHARGED_GRAMS_MAX,
    baseMinor: 2_400,
    kilogramMinor: 650,
  },
];

/**
 * What the carriers ask for a parcel, the cheapest first and ties in the order of the table; never empty. An urgent
 * service is quoted by urgent rates only, every other by the ordinary ones.
 */
export const quotesFor = (parcel: {
  readonly service: string;
  readonly country: string;
  readonly weightGrams: number | null;
}): readonly Quote[] => {
  const urgent = isUrgent(parcel.service);
  const weightGrams = Math.min(parcel.weightGrams ?? WEIGHT_GRAMS_DEFAULT, CHARGED_GRAMS_MAX);
  const kilograms = Math.ceil(weightGrams / KILOGRAM_GRAMS);
  return RATES.filter(
    (rate) =>
      rate.isUrgent === urgent &&
      weightGrams <= rate.weightGramsMax &&
      (rate.countries === null || rate.countries.has(parcel.country)),
  )
    .map(({ carrier, service, baseMinor, kilogramMinor }) => ({
      carrier,
      service,
      costMinor: baseMinor + kilograms * kilogramMinor,
      currency: RATE_CURRENCY,
    }))
    .sort((one, other) => one.costMinor - other.costMinor);
};
