import { useTranslation } from 'react-i18next';
import type { TemplateId, TemplateWords } from '../draft/templates.ts';

/** The words of a template in the reader's language. */
export function useTemplateWords(): (id: TemplateId) => TemplateWords {
  const { t } = useTranslation('agents');
  return (id) => ({
    title: t(`templates.${id}.title`),
    description: t(`templates.${id}.description`),
    quickPrompts: [t(`templates.${id}.quickPrompt`)],
    members: membersOf(id),
  });

  function membersOf(id: TemplateId): TemplateWords['members'] {
    switch (id) {
      case 'chat':
        return { helper: word('chat.helper') };
      case 'coder':
        return { coder: word('coder.coder') };
      case 'pipeline':
        return { writer: word('pipeline.writer'), checker: word('pipeline.checker') };
      case 'leader':
        return {
          lead: word('leader.lead'),
          researcher: word('leader.researcher'),
          critic: word('leader.critic'),
        };
    }
  }

  function word(
    member:
      | 'chat.helper'
      | 'coder.coder'
      | 'pipeline.writer'
      | 'pipeline.checker'
      | 'leader.lead'
      | 'leader.researcher'
      | 'leader.critic',
  ) {
    return { title: t(`templates.${member}.title`), prompt: t(`templates.${member}.prompt`) };
  }
}
