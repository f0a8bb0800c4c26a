// The parser is Firebase's own grammar: what does not parse does not deploy. An open read is as bad as an open write.
import rules from "@firebase/eslint-plugin-security-rules";

const recommended = rules.configs["flat/recommended"];

export default [
  {
    ...recommended,
    rules: { ...recommended.rules, "@firebase/security-rules/no-open-reads": "error" },
  },
];
