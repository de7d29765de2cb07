import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import { TextBulletListAddRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { snippets } from "../../api/policies";

/** SnippetMenu puts one of the documented client certificate policies at the cursor. */
export function SnippetMenu({ onInsert }: { onInsert: (text: string) => void }) {
  const known = useQuery({ queryKey: ["snippets"], queryFn: ({ signal }) => snippets(signal), staleTime: Infinity });
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<TextBulletListAddRegular />} disabled={!known.data?.length}>
          Insert snippet
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {known.data?.map((s) => (
            <MenuItem key={s.name} subText={s.doc} onClick={() => onInsert(s.text)}>
              {s.title}
            </MenuItem>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
