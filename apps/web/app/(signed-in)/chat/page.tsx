'use client';
import { ChatPage } from '../../../src/chat/chat-page.tsx';

export default function Page() {
  return <ChatPage />;
}
