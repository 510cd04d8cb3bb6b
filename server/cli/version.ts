/** Version of the product; put in by the bundler. */
export const version = process.env.SAMPAN_VERSION ?? '0.0.0';
