// The page's own behaviour: tabs and their addresses, citations, drawers, the keyboard, and a question that is not lost.
(() => {
  document.documentElement.lang = 'zh-CN';
  const find = selector => document.querySelector(selector);
  const box = () => find('#question textarea');
  const narrow = () => matchMedia('(max-width: 900px)').matches;

  /** Write into an input as a user would: the framework notices. */
  const fill = (input, text) => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), 'value').set.call(input, text);
    input.dispatchEvent(new Event('input', {bubbles: true}));
  };

  // Tabs: `#练习` in the address is the tab 练习, also after a reload.
  const tabs = () => [...document.querySelectorAll('#tabs [role=tab]')];
  const nameOf = tab => tab.textContent.trim();
  const goToTab = name => {
    const tab = tabs().find(one => nameOf(one) === name);
    if (tab && tab.getAttribute('aria-selected') !== 'true') tab.click();
    return Boolean(tab);
  };
  const goToAddress = () => goToTab(decodeURIComponent(location.hash.slice(1)));

  // A question that was sent or half typed, until it is answered.
  const DRAFT = 'tutor408-question';
  const keep = text => { try { sessionStorage.setItem(DRAFT, text); } catch { /* storage is off: nothing to do */ } };
  const kept = () => { try { return sessionStorage.getItem(DRAFT) || ''; } catch { return ''; } };
  const giveBack = () => { const input = box(); if (input && !input.value && kept()) fill(input, kept()); };

  // The chat follows an answer until its question stands at the top, and stays there: one reads from the beginning. Who scrolls is left alone.
  let follows = true;
  const follow = () => {
    const chat = find('#chat [role=log]'), asked = chat && [...chat.querySelectorAll('.user-row')].at(-1);
    if (follows && asked) chat.scrollTop += asked.getBoundingClientRect().top - chat.getBoundingClientRect().top - 8;
  };
  ['wheel', 'touchmove', 'pointerdown', 'keydown'].forEach(name => addEventListener(name, event => {
    if (event.target.closest?.('#chat')) follows = false;
  }, {capture: true, passive: true}));

  window.tutor = {
    goToTab,
    begun: text => { document.body.classList.add('answering'); follows = true; if (text) keep(text); },
    ended: answered => {
      document.body.classList.remove('answering');
      if (answered) keep(box()?.value || ''); else giveBack();
      find('#model-refresh')?.click();
    },
    openPanel: () => { document.body.classList.add('citation-open'); document.body.classList.remove('history-open'); },
    askInstead: text => { goToTab('答疑'); requestAnimationFrame(() => { const input = box(); if (input) { fill(input, text); input.focus(); } }); },
  };
  window.goToTab = goToTab;

  document.addEventListener('click', event => {
    const link = event.target.closest('a[href*="#cite-"]');
    if (link) {
      event.preventDefault(); event.stopPropagation();
      fill(find('#open-citation textarea, #open-citation input'), link.getAttribute('href').split('#cite-')[1] + '@' + Date.now());
      window.tutor.openPanel();
      return;
    }
    const toggle = event.target.closest('[data-toggle]');
    if (toggle) document.body.classList.toggle(toggle.dataset.toggle);
    if (event.target.closest('#documents [data-act=show], #documents .page')) document.body.classList.add('preview-open');
    const tab = event.target.closest('#tabs [role=tab]');
    if (tab) history.replaceState(null, '', '#' + encodeURIComponent(nameOf(tab)));
    if (event.target.closest('#history-list [data-act=open], #history-new')) { document.body.classList.remove('history-open'); follows = true; }
  }, true);

  document.addEventListener('input', event => { if (event.target === box()) keep(event.target.value); });

  document.addEventListener('keydown', event => {
    if (event.isComposing || event.keyCode === 229) return;  // the Enter or Esc is the input method's
    if (event.key === 'Enter' && event.ctrlKey && event.target === box()) { event.preventDefault(); find('#send')?.click(); }
    if (event.key !== 'Escape') return;
    const drawn = ['history-open', 'citation-open', 'preview-open'].find(name => narrow() && document.body.classList.contains(name));
    if (drawn) document.body.classList.remove(drawn);
    else if (document.body.classList.contains('answering')) find('#stop')?.click();
    else document.body.classList.remove('model-open');
  }, true);
  document.addEventListener('keydown', event => {  // the Enter of an input method sends nothing
    if (event.key === 'Enter' && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
  }, true);

  // What Gradio says in English, whatever the language: names of buttons, read aloud and shown under the pointer, and headings of messages.
  const CHINESE = {
    'Edit': '修改', 'Retry': '重新回答', 'Submit': '提交', 'Cancel': '取消', 'Copy message': '复制', 'Copied message': '已复制', 'Scroll down': '到底部', 'chatbot conversation': '对话', 'Fullscreen': '全屏',
    'Exit fullscreen mode': '退出全屏', 'Click to upload or drop files': '点击或拖放文件来上传', 'File upload': '选择文件', 'Remove this file': '移除这份文件',
  };
  const HEADINGS = {'Error': '出错了', 'Warning': '注意', 'Info': '提示', 'Success': '完成'};
  const translateHeading = element => {
    const text = element.firstChild, said = HEADINGS[text?.textContent.trim()];
    if (said) text.textContent = said;
  };
  const translate = element => ['title', 'aria-label'].forEach(name => {
    const said = CHINESE[element.getAttribute(name)];
    if (said) element.setAttribute(name, said);
  });
  new MutationObserver(changes => changes.forEach(({type, target, addedNodes}) => {
    if (type === 'attributes') translate(target);
    addedNodes.forEach(node => {
      if (node.nodeType !== Node.ELEMENT_NODE) return;
      translate(node);
      node.querySelectorAll('[title], [aria-label]').forEach(translate);
      node.querySelectorAll('.toast-title').forEach(translateHeading);
    });
  })).observe(document, {childList: true, subtree: true, attributes: true, attributeFilter: ['title', 'aria-label']});

  addEventListener('hashchange', goToAddress);
  const waiting = new MutationObserver(() => {
    if (!tabs().length || !box() || !find('#chat [role=log]')) return;
    waiting.disconnect();
    new MutationObserver(follow).observe(find('#chat [role=log]'), {childList: true, subtree: true, characterData: true});
    if (location.hash) goToAddress();
    giveBack();
  });
  waiting.observe(document, {childList: true, subtree: true});
})();
