'use client';
import { ModelsPage } from '../../../../src/models/models-page.tsx';

export default function Page() {
  return <ModelsPage />;
}
