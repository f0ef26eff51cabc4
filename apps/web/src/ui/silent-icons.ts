import AntdIcon from '@ant-design/icons/es/components/AntdIconLight';

// Imported for its effect. Every icon of the library, ours and those inside its components, is drawn by one component
// that names it after its file, and screen readers say that name beside the words that mean the same: “plus Add
// model”. No setting turns that off. An icon that was given a name of its own keeps it; the others are decoration.
const DECORATION = { role: undefined, 'aria-label': undefined, 'aria-hidden': true };

const render: unknown = Reflect.get(AntdIcon, 'render');
if (typeof render === 'function') {
  Reflect.set(AntdIcon, 'render', (props: object, ref: unknown) =>
    render('aria-label' in props ? props : { ...DECORATION, ...props }, ref),
  );
}
