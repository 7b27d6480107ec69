// Words that scripts show. English stands in the scripts; another language comes as a module.

const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
const words = language === "en" ? {} : (await import(`/words/${language}.js`)).default;

export const locale = language === "zh" ? "zh-Hans-CN" : "en-GB";

// The message in the reader's language, with {names} filled in.
export function _(message, values = {}) {
  const said = words[message] ?? message;
  return said.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
