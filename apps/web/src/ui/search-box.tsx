import { SearchOutlined } from '@ant-design/icons';
import { Input } from 'antd';

/** Narrows a list while one types. */
export function SearchBox({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Input
      allowClear
      type="search"
      aria-label={label}
      placeholder={label}
      prefix={<SearchOutlined className="text-faint!" aria-hidden />}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="min-w-0 flex-1 sm:w-60 sm:flex-none"
    />
  );
}
