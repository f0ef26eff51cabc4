// Runs before the first paint: puts the remembered (or the system's) look on <html>, so that nothing flashes.
(() => {
  let saved = {};
  try {
    saved = JSON.parse(localStorage.getItem('wegent.appearance') ?? '{}') ?? {};
  } catch {
    // Storage may be blocked or hold something else; the system's look is right then.
  }
  const dark =
    saved.theme === 'dark' || (saved.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  const languages = saved.language ? [saved.language] : navigator.languages;
  const chinese =
    languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'zh' || tag === 'en') === 'zh';
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.documentElement.lang = chinese ? 'zh-CN' : 'en';
})();
