import { AgentFields } from './agent-fields.tsx';
import { MemberList } from './member-list.tsx';
import { ModePicker } from './mode-picker.tsx';

/** The draft as a form. */
export function FormView() {
  return (
    <div className="mx-auto w-full max-w-[860px] px-4 py-5 sm:px-6">
      <AgentFields />
      <ModePicker />
      <MemberList />
    </div>
  );
}
