/** metav1.MicroTime: the API server accepts nothing but six fractional digits. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
