/**
 * Countries and territories that use no postal codes, or whose codes people commonly do not know
 * (ISO 3166-1 alpha-2; after the Universal Postal Union's list of addressing systems, as of 2025).
 */
const WITHOUT_POSTAL_CODES: ReadonlySet<string> = new Set(
  (
    'AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ GY HK JM KI KM KN ' +
    'KP LY ML MO MR MW NR NU PA QA RW SB SC SL SR ST SX SY TD TF TG TK TO TV UG VU YE ZW'
  ).split(' '),
);

/** Whether an address in `country` cannot be delivered without a postal code. */
export const needsPostalCode = (country: string): boolean => !WITHOUT_POSTAL_CODES.has(country);
