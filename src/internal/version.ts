/** The version in `package.json`, to which a test holds it: no runtime but Node can read that. */
export const version = '0.1.0'
