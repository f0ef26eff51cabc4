import { BranchesOutlined } from '@ant-design/icons';
import type { TaskView } from '@wegent/client';
import { useTranslation } from 'react-i18next';
import { ConversationHeader } from '../chat/conversation-header.tsx';
import { TaskMark } from '../tasks/task-mark.tsx';
import { useMedia } from '../theme/use-media.ts';
import { copyText } from '../ui/copy-text.ts';
import { visibleName } from '../ui/visible-name.ts';
import { FinishButton } from './finish/finish-button.tsx';
import { useRepository } from './finish/use-repository.ts';
import { PanelToggles } from './panel-toggles.tsx';

/** What is worked on, how it stands, the panels, and the step that comes next. On phones the panels have a row of their own. */
export function CodeHeader({ view }: { view: TaskView }) {
  const roomy = useMedia('(min-width: 768px)');
  const finish = <FinishButton view={view} />;
  return (
    <>
      <ConversationHeader task={view.task} about={<Standing view={view} />}>
        {roomy && (
          <>
            <PanelToggles />
            {finish}
          </>
        )}
      </ConversationHeader>
      {!roomy && (
        <div className="flex flex-none items-center justify-between gap-1 border-b border-line px-1 py-1">
          <div className="min-w-0 overflow-x-auto">
            <PanelToggles />
          </div>
          {finish}
        </div>
      )}
    </>
  );
}

/** State and branch of the task in one line. */
function Standing({ view }: { view: TaskView }) {
  const { t } = useTranslation('code');
  const { t: tasks } = useTranslation('tasks');
  const { data: repository } = useRepository();
  const { phase, status } = view.task;
  const branch = repository?.branch ?? status?.branch;
  return (
    <>
      <span className="inline-flex flex-none items-center gap-1.5">
        <TaskMark phase={phase} />
        <span className="max-sm:sr-only">{tasks(`phase.${phase}`)}</span>
      </span>
      {branch && (
        <button
          type="button"
          title={t('copyBranch', { branch: visibleName(branch) })}
          className="flex min-w-0 cursor-pointer items-center gap-1 rounded font-mono text-xs hover:text-ink"
          onClick={() => void copyText(branch)}
        >
          <BranchesOutlined aria-hidden="true" />
          <span className="truncate">{visibleName(branch)}</span>
        </button>
      )}
    </>
  );
}
