// Types of idb.js beside it, for the type check only; they come from the npm package of the same version.
export * from "idb";
